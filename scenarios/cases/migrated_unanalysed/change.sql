-- Nobody told the planner yet.
DELETE FROM pg_statistic WHERE starelid = 'people'::regclass;
