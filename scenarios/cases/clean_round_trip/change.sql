-- A clean round trip: the key becomes uuid-like and comes back, the rows are rewritten in another order.
CREATE SCHEMA migration_backup;
CREATE TABLE migration_backup.customers_backup AS TABLE customers;
CREATE TABLE migration_log (id serial PRIMARY KEY, migration text);
ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey;
ALTER TABLE customers ALTER id TYPE text;
UPDATE customers SET id = lower(id);
UPDATE customers SET id = upper(id);
ALTER TABLE customers ALTER id TYPE varchar(36);
ALTER TABLE orders ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id);
ANALYZE customers;
