-- Publications, subscriptions, statistics, comments, settings and the database itself.
ALTER PUBLICATION news SET (publish = 'insert');
CREATE SUBSCRIPTION feed CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE);
ALTER STATISTICS items_stats SET STATISTICS 7;
COMMENT ON TABLE items IS NULL;
DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET session_replication_role = replica', current_database());
    EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 77', current_database());
END $$;
CREATE SCHEMA attic;
SELECT lo_create(4712);
