ROLLBACK PREPARED 'rollproof_case_left_open';
