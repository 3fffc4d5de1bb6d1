-- Each statement that leaves a difference is marked with it; the others are honest, or only bystanders.
SET lock_timeout = '5s';
ALTER TABLE customers ADD COLUMN country text;
CREATE TYPE mood AS ENUM ('good', 'bad'); --> types public.mood

BEGIN;
UPDATE orders SET state = upper(state);
DELETE FROM orders WHERE id > 45; --> rows public.orders; content public.orders
SAVEPOINT halfway;
DROP TABLE audit;
ROLLBACK TO SAVEPOINT halfway;
UPDATE customers SET
    email = NULL
    WHERE id = 7; --> content public.customers
COMMIT;

ALTER TABLE orders DROP CONSTRAINT orders_customer_fkey;
ALTER TABLE orders ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer) REFERENCES customers;
--> constraints public.orders.orders_customer_fkey
ALTER TABLE customers ALTER COLUMN name TYPE varchar(40); --> columns public.customers.name
ALTER TABLE orders DISABLE TRIGGER orders_noted; --> triggers public.orders.orders_noted
COMMENT ON COLUMN orders.total IS NULL; --> comments public.orders.total (table column)
GRANT SELECT (name) ON customers TO PUBLIC; --> privileges public.customers.name (column) TO PUBLIC
SELECT setval('orders_id_seq', 7); --> sequence_positions public.orders_id_seq
CREATE INDEX CONCURRENTLY customers_rank ON customers (rank); --> indexes public.customers.customers_rank
DO $$ BEGIN
    CREATE TABLE in_a_block (x integer);
END $$; --> tables public.in_a_block
SELECT extend(); --> tables public.by_function
COPY empty FROM stdin; --> rows public.empty; content public.empty
1
2
\.
SELECT lo_unlink(4242); --> large_objects of postgres
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC;
ALTER TYPE size ADD VALUE 'middle' AFTER 'small'; --> types public.size
CREATE SCHEMA extra; --> schemas extra
ALTER TABLE orders ENABLE ROW LEVEL SECURITY; --> row_security public.orders
CREATE POLICY own ON orders USING (true); --> policies public.orders.own
CREATE STATISTICS both_of_them ON customer, total FROM orders; --> statistics public.orders.both_of_them
ALTER TABLE empty SET (fillfactor = 50); --> tables public.empty
CREATE PUBLICATION news FOR TABLE orders; --> publications news
ALTER TABLE audit RENAME TO events;
CREATE INDEX events_what ON events (what); --> indexes public.audit.events_what
DELETE FROM events WHERE id = 9; --> rows public.audit
ALTER TABLE customers RENAME COLUMN rank TO place;
COMMENT ON COLUMN customers.place IS NULL; --> comments public.customers.rank (table column)
DROP VIEW totals;
DROP INDEX orders_total;
