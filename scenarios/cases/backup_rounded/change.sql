-- The same values today; the next one may not fit.
CREATE SCHEMA migration_backup; CREATE TABLE migration_backup.customers_backup AS SELECT id, email, credit::numeric(9, 2) FROM customers;
