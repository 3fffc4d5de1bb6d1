-- A third reads 0.333333333333333 now: the values changed with the type.
ALTER TABLE parcels ALTER weight TYPE numeric;
