-- One row gone, one changed, one more, one that hangs on another parent; an index and a default lost.
DELETE FROM notes WHERE text = 'n1';
UPDATE notes SET text = 'other' WHERE text = 'n2';
INSERT INTO notes SELECT gen_random_uuid(), person_id, pinned, 'more' FROM notes WHERE text = 'n3';
UPDATE notes SET person_id = (SELECT id FROM people WHERE name = 'p29') WHERE text = 'n4';
DROP INDEX notes_person_idx;
ALTER TABLE people ALTER name DROP DEFAULT;
