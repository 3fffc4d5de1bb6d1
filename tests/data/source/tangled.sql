-- Chains that begin far behind the first rows, circles, keys that are equal and not the same text, parts of parents.
CREATE SCHEMA "a.b"; SET search_path = "a.b";
CREATE TABLE chain (id int PRIMARY KEY, before int REFERENCES chain);
INSERT INTO chain SELECT n, nullif(n + 1, 301) FROM generate_series(1, 300) AS n;
CREATE TABLE hen (id int PRIMARY KEY, egg int); CREATE TABLE egg (id int PRIMARY KEY, hen int NOT NULL REFERENCES hen);
INSERT INTO hen SELECT n, 100 - n FROM generate_series(1, 99) AS n; INSERT INTO egg SELECT n, n FROM generate_series(1, 99) AS n;
ALTER TABLE hen ADD FOREIGN KEY (egg) REFERENCES egg DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE price (amount numeric PRIMARY KEY); INSERT INTO price SELECT n / 10.00 FROM generate_series(1, 99) AS n;
CREATE TABLE sold (amount numeric(9, 1) REFERENCES price); INSERT INTO sold SELECT n / 10.0 FROM generate_series(1, 99) AS n;
CREATE TABLE big (k int, "at:" text, PRIMARY KEY (k, "at:")) PARTITION BY RANGE (k);
CREATE TABLE big_1 PARTITION OF big FOR VALUES FROM (1) TO (50); CREATE TABLE big_2 PARTITION OF big FOR VALUES FROM (50) TO (500);
INSERT INTO big SELECT n, n || E'
''\t' FROM generate_series(1, 99) AS n;
CREATE TABLE part (k int, t text, FOREIGN KEY (k, t) REFERENCES big) PARTITION BY HASH (k);
CREATE TABLE part_0 PARTITION OF part FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE part_1 PARTITION OF part FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO part SELECT k, "at:" FROM big ORDER BY k DESC; INSERT INTO part VALUES (NULL, NULL), (7, NULL);
CREATE TABLE dark (id int GENERATED ALWAYS AS IDENTITY, twice int GENERATED ALWAYS AS (7 * 2) STORED, v text DEFAULT 'x');
INSERT INTO dark (v) SELECT 'v' FROM generate_series(1, 40);
CREATE MATERIALIZED VIEW first AS SELECT count(*) AS n FROM dark; CREATE MATERIALIZED VIEW second AS SELECT n FROM first;
CREATE TABLE "été" ("à" text PRIMARY KEY, ou text REFERENCES "été"); INSERT INTO "été" VALUES ('é', 'ü'), ('ü', 'ß'), ('ß', NULL);
-- Code of the owner's, which must not run at the source: whoever copies reads there in a transaction that is read only.
CREATE FUNCTION seen(int) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN IF current_setting('transaction_read_only') = 'on' THEN RAISE 'run at the source'; END IF; RETURN true; END $$;
CREATE DOMAIN code AS int CHECK ("a.b".seen(VALUE)); CREATE DOMAIN finer AS code;
CREATE TABLE owner (id code PRIMARY KEY, of finer REFERENCES owner); CREATE TABLE owned (id int, of finer REFERENCES owner);
CREATE INDEX ON owned (id) WHERE "a.b".seen(7);
INSERT INTO owner SELECT n, nullif(n + 1, 100) FROM generate_series(50, 99) AS n; INSERT INTO owned SELECT n, 100 - n FROM generate_series(1, 50) AS n;
