CREATE SCHEMA migration_backup; CREATE VIEW migration_backup.customers_backup AS TABLE customers;
