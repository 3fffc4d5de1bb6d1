-- A server as a service gives it: `master` may make databases and roles, is no superuser, and some catalogues are closed.
CREATE ROLE master LOGIN CREATEDB CREATEROLE PASSWORD 'change-me';
\connect template1
REVOKE ALL ON pg_catalog.pg_subscription, pg_catalog.pg_user_mapping, pg_catalog.pg_largeobject FROM PUBLIC;
REVOKE ALL ON FUNCTION pg_catalog.pg_control_system() FROM PUBLIC;
CREATE EXTENSION postgres_fdw;
GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO master;
