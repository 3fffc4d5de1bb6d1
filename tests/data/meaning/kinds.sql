-- Whatever PostgreSQL prints that is spelled otherwise once it was read and printed again: one of each kind.
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('sad', 'ok');
CREATE TABLE t (
    id integer PRIMARY KEY, s varchar(20), n int, num numeric(10, 2), m app.mood, r int4range, x text COLLATE "C", b boolean,
    computed text GENERATED ALWAYS AS (CASE WHEN s IN ('a', 'b') THEN 'x' ELSE 'y' END) STORED,
    preset boolean DEFAULT ('q'::varchar IN ('a', 'b'))
);
ALTER TABLE t ADD CONSTRAINT listed CHECK (s NOT IN ('bad', 'worse'));
ALTER TABLE t ADD CONSTRAINT nested CHECK (n BETWEEN 0 AND 10 AND n <> 5 AND m IN ('sad', 'ok') AND num BETWEEN 1 AND 2.5);
ALTER TABLE t ADD CONSTRAINT collated CHECK (x COLLATE "POSIX" > 'a' AND s::varchar(5) IN ('u', 'v'));
ALTER TABLE t ADD CONSTRAINT alone EXCLUDE USING gist (r WITH &&) WHERE (s IN ('a', 'b'));
CREATE INDEX partial ON t (id) WHERE s IN ('a', 'b');
CREATE INDEX computing ON t ((CASE WHEN s IN ('a', 'b') THEN 1 ELSE 2 END) DESC NULLS LAST, lower(s) text_pattern_ops) INCLUDE (n);
CREATE STATISTICS extended ON (s IN ('a', 'b')), n, lower(s) FROM t;
CREATE TABLE log (a boolean, b text);
CREATE FUNCTION fires() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER watching AFTER UPDATE ON t FOR EACH ROW WHEN (NEW.s IN ('a', 'b') AND OLD.n IS NULL) EXECUTE FUNCTION fires();
CREATE POLICY asks ON t USING (s IN ('a', 'b') AND EXISTS (SELECT FROM log WHERE b = t.s AND b IN ('x', 'y'))) WITH CHECK (s NOT IN ('c', 'd'));
CREATE RULE instead AS ON DELETE TO t WHERE OLD.s IN ('a', 'b') DO INSTEAD NOTHING;
CREATE RULE also AS ON UPDATE TO t DO ALSO INSERT INTO log VALUES (NEW.s IN ('a', 'b'), OLD.s);
CREATE RULE twice AS ON UPDATE TO t DO ALSO (INSERT INTO log SELECT NEW.s IN ('a', 'b'), l.b FROM log AS l WHERE l.b = NEW.s; INSERT INTO log VALUES (true, 'x'));
CREATE VIEW plain AS SELECT s, n FROM t WHERE s IN ('a', 'b') AND n BETWEEN 1 AND 2 AND n <> 3;
CREATE VIEW united WITH (security_barrier) AS
    SELECT * FROM plain WHERE s IN ('a', 'b') UNION ALL (SELECT s, n FROM t WHERE s NOT IN ('q', 'w') ORDER BY n LIMIT 3);
CREATE VIEW checked AS SELECT s FROM t WHERE s IN ('a', 'b') WITH CASCADED CHECK OPTION;
CREATE VIEW windowed AS SELECT s, row_number() OVER (PARTITION BY n ORDER BY s) AS k FROM t WHERE s IN ('a', 'b');
CREATE VIEW joined AS WITH w AS (SELECT s FROM t WHERE s IN ('a', 'b')) SELECT w.s, t.n FROM w JOIN t USING (s) WHERE t.s IN ('a', 'b');
CREATE MATERIALIZED VIEW stored AS SELECT s, count(*) FROM t WHERE s IN ('a', 'b') GROUP BY s WITH NO DATA;
CREATE DOMAIN app.short AS varchar DEFAULT CASE WHEN 'a'::varchar IN ('a', 'b') THEN 'a' ELSE 'b' END CHECK (VALUE IN ('a', 'b'));
CREATE FUNCTION returns_it(x varchar) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN x IN ('a', 'b');
CREATE FUNCTION unnamed(varchar, int) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN $1 IN ('a', 'b') AND $2 < 3;
CREATE FUNCTION atomic(x varchar) RETURNS bigint LANGUAGE sql BEGIN ATOMIC
    INSERT INTO log VALUES (x IN ('a', 'b'), 'x'); SELECT count(*) FROM t WHERE s IN ('a', 'b') AND s = x; END;
CREATE FUNCTION presets(x boolean DEFAULT 'q '::varchar IN ('q', 'b'), y int DEFAULT 1) RETURNS boolean LANGUAGE sql AS 'SELECT x';
CREATE TABLE parted (s varchar(10), n int) PARTITION BY LIST ((CASE WHEN s IN ('a', 'b') THEN 1 ELSE 2 END));
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
CREATE PUBLICATION filtered FOR TABLE t WHERE (id BETWEEN 1 AND 2 AND id <> 3) WITH (publish = 'insert');
