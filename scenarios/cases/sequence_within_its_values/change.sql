CREATE SCHEMA migration_backup; CREATE TABLE migration_backup.orders_backup AS TABLE orders; ALTER TABLE orders ALTER id RESTART WITH 7;
