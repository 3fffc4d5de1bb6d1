DELETE FROM notes WHERE text = 'n1';
UPDATE notes SET text = 'other' WHERE text = 'n2';
INSERT INTO notes SELECT gen_random_uuid(), person_id, pinned, 'more' FROM notes WHERE text = 'n3';
