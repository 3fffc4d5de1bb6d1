-- Labels in another order, and a column that came back at the end.
ALTER TYPE mood RENAME TO mood_old;
CREATE TYPE mood AS ENUM ('happy', 'sad');
ALTER TABLE items ALTER mood TYPE mood USING NULL;
DROP TYPE mood_old;
ALTER TABLE items DROP colour;
ALTER TABLE items ADD colour text;
CREATE STATISTICS items_stats (dependencies) ON name, colour FROM items;
ANALYZE items;
