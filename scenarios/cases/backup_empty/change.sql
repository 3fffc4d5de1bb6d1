CREATE SCHEMA migration_backup; CREATE TABLE migration_backup.customers_backup (LIKE customers);
