-- What the museum has none of, and the grammar of faults knows faults of. ROLE_A and ROLE_B are roles of the test's own.
CREATE SCHEMA more;
CREATE TYPE more.unused AS (a text, b integer);
CREATE FUNCTION more.with_default(a integer DEFAULT 4) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE TABLE more.granted (id integer);
GRANT SELECT, INSERT ON more.granted TO ROLE_A;
CREATE FOREIGN DATA WRAPPER aaa VALIDATOR postgresql_fdw_validator;
CREATE SERVER aaa FOREIGN DATA WRAPPER aaa;
CREATE OPERATOR CLASS more.stored FOR TYPE text USING gin AS OPERATOR 1 pg_catalog.=, STORAGE integer;
CREATE PUBLICATION inserts FOR TABLE more.granted WITH (publish = 'insert');
CREATE SEQUENCE more.above MINVALUE 1 START 500;
CREATE AGGREGATE more.greatest_of(integer) (SFUNC = int4larger, STYPE = integer, SORTOP = >);
CREATE OPERATOR more.@@= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq, NEGATOR = OPERATOR(more.@@<>));
CREATE OPERATOR more.@@<> (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4ne, NEGATOR = OPERATOR(more.@@=));
INSERT INTO pg_seclabel VALUES ('more.granted'::regclass, 'pg_class'::regclass, 0, 'planted_before', 'secret');
GRANT pg_monitor TO ROLE_B;
COMMENT ON ROLE ROLE_A IS 'kept';
-- Not every server is built with ICU.
DO 'BEGIN CREATE COLLATION more.other (PROVIDER = icu, LOCALE = ''und''); EXCEPTION WHEN feature_not_supported THEN END';
