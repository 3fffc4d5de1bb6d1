-- varchar through uuid and back: every id in lower case, every key intact.
ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey;
UPDATE customers SET id = lower(id);
UPDATE orders SET customer_id = lower(customer_id);
ALTER TABLE orders ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id);
