-- What is there when the page begins: a shop whose bills are not right, and who may read it.
CREATE ROLE verifier LOGIN PASSWORD 'change-me';
GRANT pg_read_all_data, pg_monitor TO verifier;
CREATE DATABASE shop;
\connect shop
CREATE TABLE invoices (id integer PRIMARY KEY, total numeric(10, 2) NOT NULL);
CREATE TABLE lines (invoice integer REFERENCES invoices, price numeric(10, 2) NOT NULL);
INSERT INTO invoices SELECT n, CASE WHEN n IN (17, 18, 21) THEN 7 ELSE 6 END FROM generate_series(1, 100) AS n;
INSERT INTO lines SELECT n % 100 + 1, 3 FROM generate_series(1, 200) AS n;
ANALYZE;
