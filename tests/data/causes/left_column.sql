-- One column of the migration's is left behind, with its index, its constraint, its comment and a grant.
ALTER TABLE orders ADD COLUMN new_id uuid UNIQUE;
ALTER TABLE orders ADD CONSTRAINT new_id_known CHECK (new_id IS NULL OR id > 0);
CREATE INDEX orders_new_id_idx ON orders (new_id);
COMMENT ON COLUMN orders.new_id IS 'of the migration';
GRANT SELECT (new_id) ON orders TO PUBLIC
