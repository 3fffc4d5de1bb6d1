ALTER TABLE orders DROP CONSTRAINT orders_replaces_fkey;
UPDATE orders SET replaces = 9999 WHERE id = 200;
ALTER TABLE orders ADD CONSTRAINT orders_replaces_fkey FOREIGN KEY (replaces) REFERENCES orders (id) NOT VALID;
