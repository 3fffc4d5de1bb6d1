-- The migration widened a column and the rollback took that back; the view was made again from its own definition.
DROP VIEW heavy;
ALTER TABLE parcels ALTER state TYPE text;
ALTER TABLE parcels ALTER state TYPE varchar(20);
ALTER TABLE parcels DROP CONSTRAINT real_weight;
ALTER TABLE parcels ADD CONSTRAINT real_weight CHECK ((((weight >= 0) AND (weight <= 100)) AND (weight <> 13)));
CREATE VIEW heavy AS SELECT parcels.id, parcels.weight FROM parcels WHERE weight >= 50 AND weight <= 100 AND weight <> 99;
ANALYZE parcels;
