CREATE SCHEMA migration_backup; CREATE TABLE migration_backup.customers_backup AS TABLE customers; ALTER TABLE migration_backup.customers_backup ENABLE ROW LEVEL SECURITY;
