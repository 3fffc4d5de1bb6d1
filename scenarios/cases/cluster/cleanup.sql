DROP ROLE rollproof_case_left_behind;
ALTER TABLESPACE pg_default RESET (random_page_cost);
SELECT pg_replication_origin_drop('rollproof_case_left_behind');
