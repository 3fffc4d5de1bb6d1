DROP VIEW pinned;
ALTER TABLE notes DROP CONSTRAINT notes_person_id_fkey;
ALTER TABLE notes ALTER person_id TYPE varchar(36) USING person_id::text;
UPDATE migration_log SET status = 'started', finished_at = NULL;
