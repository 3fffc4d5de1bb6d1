-- An old column is written to, another one goes with its constraint, and a table gets rows and values; what has to be copied was copied.
CREATE SCHEMA migration_backup;
CREATE TABLE migration_backup.customers_backup AS TABLE customers;
CREATE TABLE migration_backup.orders_backup AS TABLE orders;
CREATE TABLE migration_backup.parcels_backup AS TABLE parcels;
CREATE TABLE credits AS SELECT id, credit FROM customers;
ALTER TABLE customers DROP credit;
UPDATE orders SET note = 'none' WHERE note IS NULL;
DROP TABLE scans;
UPDATE parcels SET weight = 2 * weight; ALTER TABLE parcels ALTER weight SET DEFAULT 0; INSERT INTO parcels VALUES (0, 0, 0);
ANALYZE;
