ALTER TABLE orders ALTER total TYPE numeric(12, 2);
