-- What is marked here is undone wrongly, or is damage of the rollback's own.
ALTER TABLE customers DROP COLUMN country;
UPDATE orders SET state = lower(state);
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE SELECT ON TABLES FROM PUBLIC;
COMMENT ON TABLE events IS 'what happened'; --> comments public.audit (table)
ALTER TABLE events RENAME TO audit;
ALTER TABLE customers RENAME COLUMN place TO rank;
CREATE VIEW totals AS SELECT customer, max(total) AS total FROM orders GROUP BY customer; --> views public.totals
CREATE INDEX orders_total ON orders (total DESC); --> indexes public.orders.orders_total
ALTER TABLE orders ALTER COLUMN total DROP DEFAULT; --> columns public.orders.total
COMMENT ON TABLE orders IS 'what was sold'; --> comments public.orders (table)
