ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey;
UPDATE orders SET customer_id = 'gone' WHERE id = 1;
