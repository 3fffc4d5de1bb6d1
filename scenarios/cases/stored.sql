-- Tables of which the catalogue says that they are big: nobody has to write a gigabyte.
CREATE TABLE rewritten (id integer PRIMARY KEY, text text NOT NULL);
CREATE TABLE swollen (id integer PRIMARY KEY, text text NOT NULL);
CREATE TABLE aged (id integer PRIMARY KEY);
CREATE TABLE small (id integer PRIMARY KEY, text text NOT NULL);
INSERT INTO rewritten SELECT n, 'text ' || n FROM generate_series(1, 200) AS n;
INSERT INTO swollen SELECT * FROM rewritten;
INSERT INTO small SELECT * FROM rewritten;
INSERT INTO aged VALUES (1);
CREATE STATISTICS together (dependencies) ON id, text FROM swollen;
ANALYZE;
UPDATE pg_class SET relpages = 20000, relallvisible = 20000 WHERE oid = 'rewritten'::regclass;
UPDATE pg_class SET relpages = 20000, relallvisible = 100 WHERE oid = 'swollen'::regclass;
UPDATE pg_class SET relpages = 900, relallvisible = 900 WHERE oid = 'small'::regclass;
