-- What depends on what in ways that the museum and the mutations' base do not show.
CREATE SCHEMA deep;
CREATE FUNCTION deep.twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE TYPE deep.state AS ENUM ('on', 'off');
CREATE DOMAIN deep.even AS integer CHECK (deep.twice(VALUE) > 0);
CREATE DOMAIN deep.states AS deep.state[];
CREATE COLLATION deep.plain (PROVIDER = libc, LOCALE = 'C');
CREATE SEQUENCE deep.numbers;
CREATE TABLE deep.parent (
    id integer NOT NULL,
    code integer DEFAULT deep.twice(1),
    state deep.state DEFAULT 'on',
    states deep.states,
    word text COLLATE deep.plain,
    even deep.even,
    double integer GENERATED ALWAYS AS (deep.twice(id)) STORED,
    number integer DEFAULT nextval('deep.numbers'),
    CONSTRAINT small CHECK (deep.twice(code) < 100),
    CONSTRAINT apart EXCLUDE (deep.twice(code) WITH =)
);
CREATE UNIQUE INDEX parent_id ON deep.parent (id);
CREATE INDEX parent_double ON deep.parent (deep.twice(id)) WHERE state = 'on';
CREATE INDEX parent_word ON deep.parent (word COLLATE deep.plain);
CREATE STATISTICS deep.parent_kinds ON deep.twice(id), code FROM deep.parent;
CREATE TABLE deep.child (id integer CONSTRAINT to_parent REFERENCES deep.parent (id), parent deep.parent, parents deep.parent[]);
CREATE TABLE deep.heir (more integer) INHERITS (deep.parent);
CREATE VIEW deep.first AS SELECT id, state, deep.twice(code) AS double FROM deep.parent;
CREATE VIEW deep.second AS SELECT double, state FROM deep.first;
CREATE MATERIALIZED VIEW deep.third AS SELECT double, count(*) FROM deep.second GROUP BY double;
CREATE UNIQUE INDEX third_double ON deep.third (double);
CREATE VIEW deep.whole AS SELECT parent FROM deep.parent;
CREATE VIEW deep.position AS SELECT last_value FROM deep.numbers;
CREATE TABLE deep.keyed (id integer PRIMARY KEY, word text, more text);
CREATE VIEW deep.grouped AS SELECT id, word FROM deep.keyed GROUP BY id;
CREATE VIEW deep.preset AS SELECT id, more FROM deep.keyed;
ALTER VIEW deep.preset ALTER id SET DEFAULT deep.twice(3);
CREATE RULE preset_insert AS ON INSERT TO deep.preset DO INSTEAD INSERT INTO deep.keyed (id) VALUES (deep.twice(NEW.id));
CREATE FUNCTION deep.body() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM deep.first WHERE double > 1; END;
CREATE FUNCTION deep.of_row(deep.keyed) RETURNS deep.state LANGUAGE sql AS 'SELECT NULL::deep.state';
CREATE FUNCTION deep.of_view(deep.first[]) RETURNS SETOF deep.second LANGUAGE sql AS 'SELECT 1, NULL::deep.state';
CREATE PROCEDURE deep.act(a integer DEFAULT deep.twice(2)) LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION deep.watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER watched BEFORE UPDATE OF code ON deep.parent FOR EACH ROW WHEN (deep.twice(NEW.id) > 1) EXECUTE FUNCTION deep.watch();
CREATE CONSTRAINT TRIGGER renamed AFTER INSERT ON deep.keyed FROM deep.parent FOR EACH ROW EXECUTE FUNCTION deep.watch();
ALTER TRIGGER renamed ON deep.keyed RENAME TO other_name;
CREATE POLICY own ON deep.keyed USING (deep.twice(id) > 1 AND EXISTS (SELECT FROM deep.child));
CREATE FUNCTION deep.gap(float8, float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';
CREATE TYPE deep.reach AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = deep.gap);
CREATE VIEW deep.reached AS SELECT deep.reach(1, 2) AS one, deep.reach(1, 2)::deep.reach_multirange AS many;
CREATE TABLE deep.spans (span deep.reach, spans deep.reach_multirange[]);
CREATE FUNCTION deep.more(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > $2';
CREATE FUNCTION deep.order(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $2 - $1';
CREATE OPERATOR deep.>>> (LEFTARG = integer, RIGHTARG = integer, FUNCTION = deep.more);
CREATE OPERATOR CLASS deep.backwards FOR TYPE integer USING btree AS OPERATOR 1 deep.>>>, FUNCTION 1 deep.order(integer, integer);
CREATE INDEX keyed_backwards ON deep.keyed (id deep.backwards);
CREATE VIEW deep.compared AS SELECT id OPERATOR(deep.>>>) 1 AS is_more FROM deep.keyed;
CREATE AGGREGATE deep.sums (integer) (SFUNC = deep.order, STYPE = integer);
CREATE VIEW deep.summed AS SELECT deep.sums(id) FROM deep.keyed;
CREATE TYPE deep.pair AS (a integer, b deep.even);
CREATE TYPE deep.pairs AS (one deep.pair, many deep.pair[]);
CREATE FUNCTION deep.to_text(deep.pair) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1.b::text';
CREATE CAST (deep.pair AS text) WITH FUNCTION deep.to_text(deep.pair);
CREATE TABLE deep.typed OF deep.pair;
CREATE TEXT SEARCH DICTIONARY deep.short (TEMPLATE = simple);
CREATE TEXT SEARCH CONFIGURATION deep.words (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION deep.words ALTER MAPPING FOR word WITH deep.short;
CREATE INDEX keyed_words ON deep.keyed USING gin (to_tsvector('deep.words', more));
CREATE TABLE deep.parts (id integer, at date, word text CHECK (word <> ''), PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE deep.parts_1 PARTITION OF deep.parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (id);
CREATE TABLE deep.parts_1_a PARTITION OF deep.parts_1 FOR VALUES IN (1);
CREATE INDEX parts_word ON deep.parts (deep.twice(id));
CREATE TABLE deep.of_parts (id integer, at date, FOREIGN KEY (id, at) REFERENCES deep.parts) PARTITION BY LIST (id);
CREATE TABLE deep.of_parts_1 PARTITION OF deep.of_parts FOR VALUES IN (1);
CREATE TRIGGER watched AFTER INSERT ON deep.parts FOR EACH ROW EXECUTE FUNCTION deep.watch();
CREATE PUBLICATION deeply FOR TABLE deep.keyed (id, word) WHERE (id > 1); -- from 15
CREATE PUBLICATION widely FOR TABLES IN SCHEMA deep; -- from 15
ALTER FUNCTION deep.watch() DEPENDS ON EXTENSION plpgsql;
