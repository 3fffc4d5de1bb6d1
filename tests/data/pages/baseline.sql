-- What is there when the page begins: somebody's shop.
CREATE DATABASE shop;
\connect shop
CREATE TABLE orders (id integer PRIMARY KEY, total numeric(10, 2) NOT NULL);
INSERT INTO orders SELECT n, n / 4.0 FROM generate_series(1, 1000) AS n;
ANALYZE;
CREATE ROLE verifier LOGIN PASSWORD 'change-me';
GRANT pg_read_all_data TO verifier;
