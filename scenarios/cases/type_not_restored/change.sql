ALTER TABLE parcels ALTER weight TYPE numeric;
