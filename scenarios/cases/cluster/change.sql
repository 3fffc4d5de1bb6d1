-- What belongs to the whole server.
CREATE ROLE rollproof_case_left_behind BYPASSRLS;
ALTER TABLESPACE pg_default SET (random_page_cost = 3);
SELECT pg_replication_origin_create('rollproof_case_left_behind');
