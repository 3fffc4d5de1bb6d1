DELETE FROM pg_statistic WHERE starelid = 'items'::regclass;
