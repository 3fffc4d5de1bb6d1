-- Everything is back, but the planner was told to prefer the index, and the application answers otherwise.
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET enable_seqscan = off', current_database()); END $$;
