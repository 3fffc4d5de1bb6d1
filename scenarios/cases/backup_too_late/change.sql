-- Two steps of the migration are done when somebody remembers the backup.
CREATE TABLE migration_log (operation text, status text, started_at timestamptz DEFAULT clock_timestamp(), finished_at timestamptz DEFAULT clock_timestamp());
INSERT INTO migration_log VALUES ('drop keys', 'completed');
INSERT INTO migration_log VALUES ('convert', 'completed');
CREATE SCHEMA migration_backup; CREATE TABLE migration_backup.customers_backup AS TABLE customers;
