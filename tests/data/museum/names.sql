-- Names that are made to be taken for something else: for a keyword of ours, for a path, for another kind of object.
CREATE SCHEMA "a.b"; CREATE SCHEMA a; CREATE SCHEMA "a b"; CREATE SCHEMA "[]"; CREATE SCHEMA "x IN PUBLICATION y"; CREATE SCHEMA "this";
CREATE TABLE a."b.c" (d integer, "d.e" integer); CREATE TABLE "a.b".c (d integer); CREATE TABLE a.b ("c.d" integer, c integer);
CREATE TABLE a."t (table)" ("x (column) TO y" integer); CREATE TABLE "a b".c ("[]" integer[]); CREATE TABLE "[]"."[]" ("[]" text);
CREATE TABLE a."x TO y" ("FOR z" integer); CREATE TABLE a."x" (a integer, "a NOT NULL" integer, "A" integer, "a""b" integer, "a
b" integer);
CREATE TYPE a."b[]" AS (x integer); CREATE TYPE a."b c" AS ENUM ('x', 'x'', ''y'); CREATE DOMAIN a."integer" AS integer; CREATE DOMAIN a."Integer" AS text;
CREATE FUNCTION a."f(integer)"() RETURNS integer LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION a.f(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION a.f(a."integer") RETURNS integer LANGUAGE sql AS 'SELECT 1'; CREATE PROCEDURE a.f(text) LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION a.f(a."b c"[]) RETURNS integer LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION a.f(a."b[]") RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE ROLE "ALL"; CREATE ROLE "all"; CREATE ROLE "PUBLIC"; CREATE ROLE "OWNER"; CREATE ROLE owner; CREATE ROLE nobody;
CREATE ROLE "owner IN nobody"; CREATE ROLE "owner IN DATABASE"; CREATE ROLE "b TO c"; CREATE ROLE "b (table) TO c";
GRANT nobody TO owner; GRANT "owner IN nobody" TO owner; GRANT owner TO "OWNER";
GRANT SELECT ON a.x TO "PUBLIC", PUBLIC, "OWNER", owner, nobody, "ALL", "b TO c", "b (table) TO c"; GRANT SELECT (a) ON a.x TO "OWNER", PUBLIC, "b TO c";
GRANT SELECT ON a."x TO y" TO "b TO c"; GRANT UPDATE ON a."t (table)" TO "b (table) TO c";
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO nobody; ALTER DEFAULT PRIVILEGES IN SCHEMA "a b" GRANT SELECT ON TABLES TO "PUBLIC", PUBLIC;
ALTER ROLE ALL SET work_mem = '1MB'; ALTER ROLE "ALL" SET work_mem = '2MB'; ALTER ROLE "all" SET work_mem = '3MB'; ALTER ROLE owner SET work_mem = '4MB';
ALTER ROLE "owner IN DATABASE" SET work_mem = '5MB'; ALTER ROLE owner IN DATABASE DATABASE_NAME SET work_mem = '6MB';
ALTER ROLE ALL IN DATABASE DATABASE_NAME SET work_mem = '7MB';
CREATE PUBLICATION "y"; CREATE PUBLICATION "x IN PUBLICATION y"; CREATE PUBLICATION "a.x IN PUBLICATION y"; ALTER PUBLICATION y ADD TABLE a.x;
ALTER PUBLICATION y ADD TABLES IN SCHEMA "x IN PUBLICATION y"; -- from 15
CREATE FOREIGN DATA WRAPPER "s (server)"; CREATE SERVER "s (server)" FOREIGN DATA WRAPPER "s (server)"; CREATE SERVER s FOREIGN DATA WRAPPER "s (server)";
CREATE USER MAPPING FOR PUBLIC SERVER s; CREATE USER MAPPING FOR "PUBLIC" SERVER s; CREATE SERVER "PUBLIC ON s" FOREIGN DATA WRAPPER "s (server)";
CREATE USER MAPPING FOR "PUBLIC" SERVER "PUBLIC ON s"; COMMENT ON SERVER s IS 'x'; COMMENT ON SERVER "s (server)" IS 'x'; COMMENT ON FOREIGN DATA WRAPPER "s (server)" IS 'x';
CREATE INDEX "t.i" ON a.x (a); CREATE INDEX i ON a.x (a); CREATE STATISTICS a."x.s" ON a, "A" FROM a.x; CREATE STATISTICS "a.b"."s" ON a, "A" FROM a.x;
CREATE STATISTICS a.s ON a, "A" FROM a.x; ALTER TABLE a.x ADD CONSTRAINT "i.c" CHECK (a > 0), ADD CONSTRAINT c CHECK (a > 0), ADD CONSTRAINT "c (x)" CHECK (a > 0);
COMMENT ON CONSTRAINT c ON a.x IS 'x'; COMMENT ON CONSTRAINT "c (x)" ON a.x IS 'x'; COMMENT ON COLUMN a.b."c.d" IS 'x'; COMMENT ON COLUMN a."b.c".d IS 'x';
COMMENT ON TABLE a.b IS 'x'; COMMENT ON TYPE a.b IS 'x'; COMMENT ON INDEX a."t.i" IS 'x'; COMMENT ON INDEX a.i IS 'x'; COMMENT ON STATISTICS a.s IS 'x';
