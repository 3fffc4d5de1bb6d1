-- What tables can have and neither the mutations' base nor the museum has, so that every fault of the grammar is planted somewhere.
-- A line that ends in a guard, as the questions have them, is for those servers alone.
CREATE SCHEMA "odd ""names";
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TABLE things (
    a integer,
    b integer,
    "c d" text,
    is_new boolean DEFAULT true,
    is_old boolean NOT NULL,
    short char(3),
    tiny smallint,
    share real,
    price money,
    rate double precision,
    day date,
    at timestamp,
    net cidr,
    list integer[],
    whole numeric,
    CONSTRAINT things_key PRIMARY KEY (a, b),
    CONSTRAINT things_unique UNIQUE (b, a),
    CONSTRAINT things_included UNIQUE (a) INCLUDE (b),
    CONSTRAINT things_alike UNIQUE NULLS NOT DISTINCT (b), -- from 15
    CONSTRAINT things_lazy UNIQUE (tiny) DEFERRABLE,
    CONSTRAINT "checked ""so" CHECK ("c d" <> 'a)b' OR a > 0)
);
CREATE INDEX things_two ON things (a, b);
CREATE INDEX things_more ON things (b) INCLUDE (a);
CREATE INDEX things_pattern ON things ("c d" text_pattern_ops);
CREATE UNIQUE INDEX things_once ON things (tiny, b);
CREATE UNIQUE INDEX "things by C" ON things ("c d" COLLATE "C" DESC NULLS LAST) WHERE a > 1;
CREATE INDEX things_computed ON things ((a + 1)) WITH (fillfactor = 50);
ALTER INDEX things_computed ALTER COLUMN 1 SET STATISTICS 70;
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'things_pattern'::regclass;
CREATE TABLE leads (
    a integer,
    b integer,
    CONSTRAINT leads_there FOREIGN KEY (a, b) REFERENCES things (a, b) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT leads_full FOREIGN KEY (a, b) REFERENCES things (a, b) MATCH FULL ON UPDATE SET DEFAULT ON DELETE RESTRICT
);
CREATE TABLE "odd ""names"."a table, (odd)" ("a ""column" text NOT NULL DEFAULT 'it''s', "{b}" integer GENERATED ALWAYS AS (1) STORED);
CREATE INDEX "an ""index" ON "odd ""names"."a table, (odd)" ("a ""column");
CREATE TRIGGER "a trigger BEFORE" AFTER UPDATE ON "odd ""names"."a table, (odd)" FOR EACH ROW WHEN (OLD."a ""column" = ' EXECUTE FUNCTION ') EXECUTE FUNCTION watch(' FOR EACH ROW ', '''');
CREATE RULE "a rule" AS ON UPDATE TO "odd ""names"."a table, (odd)" WHERE OLD."a ""column" = ' DO ' DO INSTEAD NOTHING;
CREATE POLICY "a policy" ON "odd ""names"."a table, (odd)" FOR INSERT TO pg_monitor WITH CHECK (true);
CREATE STATISTICS "odd ""names"."some ON" ON "a ""column", "{b}" FROM "odd ""names"."a table, (odd)";
CREATE VIEW "odd ""names"."a view" AS SELECT "a ""column" AS "a, b", '{c}' AS "{c}" FROM "odd ""names"."a table, (odd)";
CREATE TRIGGER once_only AFTER DELETE ON things FOR EACH STATEMENT EXECUTE FUNCTION watch();
CREATE TRIGGER of_columns BEFORE UPDATE OF a, b ON things FOR EACH ROW EXECUTE FUNCTION watch();
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON things DEFERRABLE FOR EACH ROW EXECUTE FUNCTION watch();
CREATE MATERIALIZED VIEW sums AS SELECT a, count(*) AS n, max("c d") AS most FROM things GROUP BY a;
CREATE UNIQUE INDEX sums_a ON sums (a);
ALTER MATERIALIZED VIEW sums CLUSTER ON sums_a;
ALTER MATERIALIZED VIEW sums ALTER n SET STATISTICS 7, ALTER n SET (n_distinct = 5), ALTER most SET STORAGE EXTERNAL;
ALTER TABLE sums REPLICA IDENTITY FULL;
CREATE TABLE heirs_of (x integer CONSTRAINT heirs_x CHECK (x > 0), EXCLUDE USING gist (int4range(x, x + 1) WITH &&));
CREATE TABLE heirs_too (y integer);
CREATE TABLE heirs () INHERITS (heirs_of, heirs_too);
CREATE CONSTRAINT TRIGGER elsewhere AFTER INSERT ON heirs_too FROM heirs_of FOR EACH ROW EXECUTE FUNCTION watch();
CREATE TABLE listed (a text, b integer) PARTITION BY LIST (a);
CREATE TABLE listed_rest PARTITION OF listed DEFAULT;
CREATE TABLE listed_some PARTITION OF listed FOR VALUES IN ('x', NULL);
CREATE TABLE forced (a integer CONSTRAINT never NOT NULL NO INHERIT); -- from 18
CREATE TABLE forced (a integer); -- until 17
ALTER TABLE forced FORCE ROW LEVEL SECURITY;
CREATE TABLE doubtful (a integer, b integer GENERATED ALWAYS AS (a + 1) VIRTUAL); -- from 18
ALTER TABLE doubtful ADD CONSTRAINT doubted NOT NULL a NOT VALID; -- from 18
INSERT INTO things (a, b, "c d", is_old, tiny) VALUES (1, 1, 'x', false, 1), (2, 2, NULL, true, 2);
INSERT INTO leads VALUES (1, 1);
INSERT INTO listed VALUES ('x', 1), ('y', 2);
REFRESH MATERIALIZED VIEW sums;
ANALYZE;
