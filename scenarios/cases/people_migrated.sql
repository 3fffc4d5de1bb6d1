-- The migration of people.sql: copies, a log, keys to uuid; nothing lost.
CREATE SCHEMA migration_backup;
CREATE TABLE migration_log (migration text, operation text, status text, started_at timestamptz, finished_at timestamptz);
INSERT INTO migration_log VALUES ('uuid_keys', 'migrate', 'started', now(), NULL);
CREATE TABLE migration_backup.people_backup AS TABLE people;
CREATE TABLE migration_backup.notes_backup AS TABLE notes;
DROP VIEW pinned;
ALTER TABLE people DROP CONSTRAINT people_boss_fkey;
ALTER TABLE notes DROP CONSTRAINT notes_person_id_fkey;
ALTER TABLE people ALTER id TYPE uuid USING id::uuid, ALTER boss TYPE uuid USING boss::uuid;
ALTER TABLE notes ALTER id TYPE uuid USING id::uuid, ALTER person_id TYPE uuid USING person_id::uuid;
ALTER TABLE people ADD CONSTRAINT people_boss_fkey FOREIGN KEY (boss) REFERENCES people (id);
ALTER TABLE notes ADD CONSTRAINT notes_person_id_fkey FOREIGN KEY (person_id) REFERENCES people (id);
CREATE VIEW pinned AS SELECT n.id, p.name FROM notes AS n JOIN people AS p ON p.id = n.person_id WHERE n.pinned;
ANALYZE;
UPDATE migration_log SET status = 'completed', finished_at = clock_timestamp();
