-- A new table, a foreign key to it, another label of an enum, and a column that takes no NULL any more.
CREATE TABLE couriers (id integer PRIMARY KEY, name text);
INSERT INTO couriers VALUES (1, 'by foot'), (2, 'by boat');
ALTER TABLE orders ADD courier_id integer DEFAULT 1 REFERENCES couriers (id);
ALTER TYPE state ADD VALUE 'lost' AFTER 'paid';
ALTER TABLE parcels ALTER weight SET NOT NULL;
ANALYZE;
