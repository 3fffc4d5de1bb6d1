-- Rolled back by taking the column away and adding it again, with its values.
ALTER TABLE customers ADD again text;
UPDATE customers SET again = email;
ALTER TABLE customers DROP email;
ALTER TABLE customers RENAME again TO email;
ALTER TABLE customers ALTER email SET NOT NULL;
ALTER TABLE orders ADD again numeric(10, 2);
UPDATE orders SET again = total;
ALTER TABLE orders DROP total;
ALTER TABLE orders RENAME again TO total;
ALTER TABLE orders ALTER total SET NOT NULL;
ANALYZE;
