-- Two steps of the migration are done when somebody remembers the backup; the rollback then undoes them some other way.
CREATE TABLE migration_log (operation text, status text, started_at timestamptz DEFAULT clock_timestamp(), finished_at timestamptz DEFAULT clock_timestamp());
UPDATE customers SET credit = credit + 1 WHERE id = 'ID-7'; INSERT INTO migration_log VALUES ('add interest', 'completed');
INSERT INTO migration_log VALUES ('convert', 'completed');
CREATE SCHEMA migration_backup; CREATE TABLE migration_backup.customers_backup AS TABLE customers;
UPDATE customers SET credit = credit - 1 WHERE id = 'ID-7';
