-- What others do on the same server: a role that comes by the hour, with its group and settings, and their tablespace.
CREATE ROLE rollproof_case_group;
CREATE ROLE rollproof_case_by_the_hour LOGIN VALID UNTIL '2030-01-01' IN ROLE rollproof_case_group, pg_monitor;
ALTER ROLE rollproof_case_by_the_hour SET search_path = elsewhere;
SET allow_in_place_tablespaces = on;
CREATE TABLESPACE rollproof_case_elsewhere OWNER rollproof_case_group LOCATION '';
