-- The damage was there when the copy was made.
UPDATE customers SET email = upper(email) WHERE id = 'ID-7'; CREATE SCHEMA migration_backup; CREATE TABLE migration_backup.customers_backup AS TABLE customers;
