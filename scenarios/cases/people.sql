-- People and their notes, with keys that are uuids written as text in every spelling; and how they are migrated (people_migrated.sql).
CREATE TABLE people (id varchar(36) PRIMARY KEY, boss varchar(36) REFERENCES people (id), name text NOT NULL DEFAULT 'nobody' CHECK (name <> ''));
CREATE TABLE notes (id varchar(36) PRIMARY KEY, person_id varchar(36) NOT NULL REFERENCES people (id), pinned boolean, text text);
CREATE TABLE untouched (id integer PRIMARY KEY, note text);
CREATE INDEX notes_person_idx ON notes (person_id) WHERE pinned;
CREATE VIEW pinned AS SELECT n.id, p.name FROM notes AS n JOIN people AS p ON p.id = n.person_id WHERE n.pinned;
COMMENT ON TABLE notes IS 'What they write';

INSERT INTO people SELECT CASE n % 3 WHEN 0 THEN upper(k) WHEN 1 THEN replace(k, '-', '') ELSE k END, NULL, 'p' || n
FROM (SELECT n, md5(n::text)::uuid::text AS k FROM generate_series(1, 30) AS n) AS s;
UPDATE people SET boss = (SELECT id FROM people AS b WHERE b.name = 'p1') WHERE name <> 'p1';
INSERT INTO notes SELECT md5('note' || n)::uuid::text, (SELECT id FROM people WHERE name = 'p' || (n % 30 + 1)), n % 2 = 0, 'n' || n
FROM generate_series(1, 60) AS n;
INSERT INTO untouched VALUES (1, 'as it was');
ANALYZE;
