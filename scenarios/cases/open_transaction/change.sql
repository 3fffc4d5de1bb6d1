BEGIN;
SELECT 1;
PREPARE TRANSACTION 'rollproof_case_left_open';
