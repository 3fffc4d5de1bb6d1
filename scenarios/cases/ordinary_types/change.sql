-- Several types change, and every value comes back to what it was.
ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey;
ALTER TABLE customers ALTER id TYPE text, ALTER credit TYPE numeric(14, 4);
ALTER TABLE orders ALTER customer_id TYPE text, ALTER total TYPE numeric(14, 4);
ALTER TABLE orders ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id);
ANALYZE;
