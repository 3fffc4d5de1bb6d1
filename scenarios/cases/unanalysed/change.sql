-- A rebuilt table, of which the planner knows nothing.
TRUNCATE parted;
CREATE TABLE copy AS TABLE base;
DROP TABLE copy;
DELETE FROM pg_statistic WHERE starelid = 'items'::regclass;
