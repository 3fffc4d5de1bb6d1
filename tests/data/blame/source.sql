CREATE TYPE size AS ENUM ('small', 'large');
CREATE TABLE customers (id integer PRIMARY KEY, name varchar(20), email text, rank integer);
CREATE TABLE orders (
    id serial PRIMARY KEY,
    customer integer REFERENCES customers ON DELETE CASCADE,
    total numeric(10, 2) DEFAULT 0,
    state text,
    note text
);
CREATE INDEX orders_total ON orders (total);
CREATE TABLE audit (id integer, what text);
CREATE TABLE empty (id integer);
CREATE TABLE busy (id integer);
CREATE VIEW totals AS SELECT customer, sum(total) AS total FROM orders GROUP BY customer;
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.note := lower(NEW.note); RETURN NEW; END';
CREATE TRIGGER orders_noted BEFORE UPDATE OF note ON orders FOR EACH ROW EXECUTE FUNCTION noted();
CREATE FUNCTION extend() RETURNS void LANGUAGE plpgsql AS 'BEGIN EXECUTE ''CREATE TABLE by_function (x integer)''; END';
COMMENT ON TABLE orders IS 'what was ordered';
COMMENT ON COLUMN customers.rank IS 'from the top';
COMMENT ON COLUMN orders.total IS 'with taxes';
INSERT INTO customers SELECT n, 'name ' || n, 'mail ' || n, n FROM generate_series(1, 20) AS n;
INSERT INTO orders (customer, total, state, note) SELECT n % 20 + 1, n, 'open', 'N' FROM generate_series(1, 50) AS n;
INSERT INTO audit SELECT n, 'x' FROM generate_series(1, 10) AS n;
SELECT lo_create(4242);
ANALYZE;
