-- The index of a foreign key is lost, and one amount is another.
DROP INDEX entries_account_id_idx;
UPDATE entries SET amount = 0 WHERE id = 7;
ANALYZE entries;
