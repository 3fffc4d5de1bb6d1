-- There and back: PostgreSQL prints the condition otherwise now, and to plan it could run the application's function.
ALTER TABLE parcels ALTER state TYPE text;
ALTER TABLE parcels ALTER state TYPE varchar(20);
ANALYZE parcels;
