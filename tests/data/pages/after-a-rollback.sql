-- What is there when the page begins: a shop, and the copy that its migration made.
CREATE DATABASE shop;
\connect shop
CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL UNIQUE);
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer REFERENCES customers, total numeric(10, 2) NOT NULL);
INSERT INTO customers SELECT n, 'c' || n || '@example.org' FROM generate_series(1, 100) AS n;
INSERT INTO orders SELECT n, n % 100 + 1, n / 4.0 FROM generate_series(1, 1000) AS n;
CREATE SCHEMA migration_backup;
CREATE TABLE migration_backup.orders_backup AS TABLE orders;
ANALYZE;
