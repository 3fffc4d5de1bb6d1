-- A migration like most: a new column, filled from the others, and an index of it. Nobody configured anything.
ALTER TABLE customers ADD host text;
UPDATE customers SET host = split_part(email, '@', 2);
ALTER TABLE customers ALTER host SET NOT NULL;
CREATE INDEX customers_host_idx ON customers (host);
ANALYZE customers;
