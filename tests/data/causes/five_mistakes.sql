-- Five mistakes of one rollback: an index, a type, a trigger, a row, a column left behind.
DROP INDEX orders_customer_idx;
DROP VIEW open_orders;
ALTER TABLE orders ALTER COLUMN total TYPE numeric(12, 2);
CREATE VIEW open_orders AS SELECT o.id, o.customer_id, o.total FROM orders AS o WHERE o.stage <> 'sent';
COMMENT ON VIEW open_orders IS 'what is still to be sent';
GRANT SELECT ON open_orders TO PUBLIC;
ALTER TABLE payments DISABLE TRIGGER payments_noted;
DELETE FROM addresses WHERE id = 7;
ALTER TABLE customers ADD COLUMN new_id uuid
