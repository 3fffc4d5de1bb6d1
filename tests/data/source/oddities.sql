-- Roles belong to a whole server, so the original has one of its own.
CREATE ROLE "we""ird 
 role" CREATEROLE; GRANT plain TO "we""ird 
 role"; CREATE ROLE great SUPERUSER;
CREATE SCHEMA yard AUTHORIZATION plain; CREATE TABLE yard.t (a integer); ALTER TABLE yard.t OWNER TO "we""ird 
 role";
CREATE TABLE granted (a integer); GRANT SELECT ON granted TO plain WITH GRANT OPTION; ALTER TABLE granted OWNER TO great;
CREATE POLICY p ON granted TO plain, "we""ird 
 role" USING (true); ALTER TABLE granted ENABLE ROW LEVEL SECURITY;
ALTER DEFAULT PRIVILEGES FOR ROLE plain GRANT SELECT ON TABLES TO great;
ALTER ROLE plain SET search_path = a, "b c"; ALTER DATABASE shop SET work_mem = '5MB'; COMMENT ON DATABASE shop IS 'it;
''s ours';
ALTER ROLE plain IN DATABASE shop SET work_mem = '6MB';
REVOKE CONNECT ON DATABASE shop FROM PUBLIC; GRANT CONNECT ON DATABASE shop TO plain;
CREATE MATERIALIZED VIEW filled AS SELECT 1 AS a; CREATE MATERIALIZED VIEW empty AS SELECT 1 AS a WITH NO DATA;
ALTER TABLE scans DISABLE TRIGGER ALL; SELECT setval('orders_id_seq', 900);
CREATE INDEX broken ON parcels (weight); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken'::regclass;
CREATE TABLE parted (k integer, v text) PARTITION BY LIST (k); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
INSERT INTO parted SELECT 1, E'tab	here' FROM generate_series(1, 5);
SELECT lo_from_bytea(4711, 'abc'); COMMENT ON LARGE OBJECT 4711 IS 'kept';
CREATE TABLE quick (a integer) TABLESPACE fast; INSERT INTO quick VALUES (1);
ANALYZE;
