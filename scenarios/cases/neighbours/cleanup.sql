DROP TABLESPACE rollproof_case_elsewhere;
DROP ROLE rollproof_case_by_the_hour;
DROP ROLE rollproof_case_group;
