CREATE TABLE orders_new (id integer); CREATE INDEX orders_total_tmp ON orders (total);
