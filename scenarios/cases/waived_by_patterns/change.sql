CREATE TABLE events_2026_11_29 (id int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE events_2026_11_30 (id int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
COMMENT ON TABLE orders IS 'one';
COMMENT ON COLUMN orders.id IS 'two';
