-- A table whose condition calls a function of the application's own, which nobody may run to find out what it means.
CREATE FUNCTION is_known(state varchar) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT state <> ''lost''';
CREATE TABLE parcels (id integer PRIMARY KEY, state varchar(20), CONSTRAINT known CHECK (is_known(state) AND state IN ('here', 'there')));
INSERT INTO parcels VALUES (1, 'here');
ANALYZE parcels;
