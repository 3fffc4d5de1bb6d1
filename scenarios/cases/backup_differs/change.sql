CREATE SCHEMA migration_backup; CREATE TABLE migration_backup.customers_backup AS TABLE customers; UPDATE migration_backup.customers_backup SET email = upper(email) WHERE id = 'ID-7';
