-- The application answers with an id in another spelling, and slowly; in this database nothing is wrong.
SELECT 1;
