-- What others made around the tables of vibes in the years: whatever a table can have, beyond schema.sql.
-- The vibes script must find it all in the catalogue, and bring it back.
CREATE SCHEMA reports;
CREATE SCHEMA billing;
GRANT USAGE ON SCHEMA reports TO vibes_reporting;

-- Who gets what is made from now on; the tables that the rollback makes are the old ones, and must not.
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO vibes_reporting;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT DELETE ON TABLES TO vibes_app;
ALTER DEFAULT PRIVILEGES GRANT UPDATE ON SEQUENCES TO vibes_app;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- Views elsewhere, views over views, what hangs on views, and materialised views.
CREATE VIEW reports.writers WITH (security_invoker = true) AS
SELECT u.id, u.email, a.entries FROM public.users AS u JOIN public.user_activity AS a ON a.user_id = u.id;
ALTER VIEW reports.writers OWNER TO vibes_owner;
GRANT SELECT (id, entries) ON reports.writers TO vibes_reporting;
CREATE VIEW public.open_reminders AS
SELECT id, user_id, message, due_at, sent FROM public.reminders WHERE NOT sent WITH LOCAL CHECK OPTION;
ALTER VIEW public.open_reminders ALTER COLUMN message SET DEFAULT 'from the view';
CREATE FUNCTION public.no_writing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER writers_are_read_only INSTEAD OF INSERT OR UPDATE OR DELETE ON reports.writers
    FOR EACH ROW EXECUTE FUNCTION public.no_writing();
COMMENT ON TRIGGER writers_are_read_only ON reports.writers IS 'They come from two tables';
CREATE RULE tags_stay AS ON DELETE TO public.entry_overview DO INSTEAD NOTHING;
COMMENT ON RULE tags_stay ON public.entry_overview IS 'Nobody deletes through the overview';
CREATE MATERIALIZED VIEW reports.moods WITH (autovacuum_enabled = false) AS
SELECT user_id, mood, count(*) AS entries FROM public.journal_entries WHERE mood IS NOT NULL GROUP BY 1, 2;
CREATE UNIQUE INDEX moods_key ON reports.moods (user_id, mood) WITH (fillfactor = 80);
CREATE INDEX moods_length_idx ON reports.moods (length(user_id::text));
ALTER INDEX reports.moods_length_idx ALTER COLUMN 1 SET STATISTICS 300;
ALTER MATERIALIZED VIEW reports.moods CLUSTER ON moods_key;
ALTER MATERIALIZED VIEW reports.moods ALTER COLUMN mood SET STATISTICS 50;
ALTER MATERIALIZED VIEW reports.moods OWNER TO vibes_owner;
GRANT SELECT ON reports.moods TO vibes_reporting;
COMMENT ON MATERIALIZED VIEW reports.moods IS 'Refreshed at night';
COMMENT ON COLUMN reports.moods.entries IS 'Only those with a mood';
COMMENT ON INDEX reports.moods_key IS 'For REFRESH CONCURRENTLY';
ANALYZE reports.moods;

-- Another application's table, which refers to columns that do not migrate.
CREATE TABLE billing.invoices (
    number  bigint PRIMARY KEY,
    account bigint NOT NULL REFERENCES public.users (account_number) ON DELETE RESTRICT,
    token   char(64)
);
ALTER TABLE billing.invoices ADD CONSTRAINT invoices_token_fkey FOREIGN KEY (token) REFERENCES public.users (token_sha256)
    ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED NOT VALID;
INSERT INTO billing.invoices SELECT row_number() OVER (), account_number FROM public.users;
COMMENT ON CONSTRAINT invoices_account_fkey ON billing.invoices IS 'An invoice outlives nobody';

-- Columns, options, storage.
ALTER TABLE public.users ALTER COLUMN invited_by SET STATISTICS 0;
ALTER TABLE public.users ALTER COLUMN email SET (n_distinct = -1, n_distinct_inherited = -0.5);
ALTER TABLE public.users SET (toast.autovacuum_enabled = false, parallel_workers = 2);
ALTER TABLE public.tags SET UNLOGGED;
ALTER TABLE public.tags ADD COLUMN gone integer;
ALTER TABLE public.tags DROP COLUMN gone;
ALTER TABLE public.tags ADD COLUMN "odd ""name%" text NOT NULL DEFAULT 'it''s; done';
CREATE DOMAIN public.colour_name AS text COLLATE "C" CHECK (VALUE <> '');
ALTER TABLE public.tags ADD COLUMN shade public.colour_name;
ALTER TABLE public.reminders ADD COLUMN alarm integer GENERATED ALWAYS AS IDENTITY (START WITH 7 INCREMENT BY 3 CYCLE MAXVALUE 999);
CREATE SEQUENCE public.a_sequence_of_its_own CACHE 9;
ALTER SEQUENCE public.a_sequence_of_its_own OWNER TO vibes_owner;
GRANT USAGE ON SEQUENCE public.a_sequence_of_its_own TO vibes_app WITH GRANT OPTION;
COMMENT ON SEQUENCE public.a_sequence_of_its_own IS 'Owned by no column';
ALTER TABLE public.reminders ADD COLUMN turn bigint DEFAULT nextval('public.a_sequence_of_its_own');
SELECT setval('public.a_sequence_of_its_own', 4711, false);

-- Indexes, statistics, constraints.
CREATE UNIQUE INDEX reminders_turn_key ON public.reminders (turn, (lower(message)) DESC NULLS LAST) INCLUDE (sent) WHERE turn > 4;
ALTER TABLE public.users CLUSTER ON users_pkey;
ALTER TABLE public.users ADD CONSTRAINT users_named EXCLUDE USING btree (lower(email) WITH =, account_number WITH =);
ALTER INDEX public.users_named ALTER COLUMN 1 SET STATISTICS 77;
CREATE STATISTICS reports.users_together (ndistinct) ON status, plan_price FROM public.users;
ALTER STATISTICS reports.users_together SET STATISTICS 42;
ALTER STATISTICS reports.users_together OWNER TO vibes_app;
ALTER TABLE public.users ADD CONSTRAINT users_later CHECK (created_at < '2999-01-01') NO INHERIT NOT VALID;

-- Who may see and do what.
ALTER TABLE public.tags ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.reminders FORCE ROW LEVEL SECURITY;
CREATE POLICY tags_by_day ON public.tags AS RESTRICTIVE FOR INSERT TO vibes_app, vibes_reporting WITH CHECK (created_at > '2000-01-01');
CREATE POLICY all_tags ON public.tags FOR SELECT USING (true);
CREATE POLICY tags_of_own_entries ON public.tags FOR UPDATE TO vibes_app
    USING (EXISTS (SELECT FROM public.journal_entries AS e WHERE e.id = entry_id AND NOT e.is_private));
CREATE POLICY own_tags ON public.tags FOR DELETE TO vibes_app USING (user_id = current_setting('vibes.user_id', true));
COMMENT ON CONSTRAINT fk_tags_user_id ON public.tags IS 'Whose they are; the entry''s user, but nothing says so';
COMMENT ON POLICY tags_of_own_entries ON public.tags IS 'Looks at another table';
GRANT TRIGGER, REFERENCES ON public.users TO vibes_reporting WITH GRANT OPTION;
GRANT UPDATE (message, due_at) ON public.reminders TO vibes_reporting WITH GRANT OPTION;
GRANT SELECT ON public.tags TO PUBLIC;
SET ROLE vibes_app;
GRANT SELECT ON public.entry_overview TO vibes_reporting;
RESET ROLE;

-- Triggers and rules.
CREATE CONSTRAINT TRIGGER reminders_in_the_end AFTER INSERT ON public.reminders DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION public.no_writing();
CREATE TRIGGER tags_by_statement AFTER UPDATE ON public.tags REFERENCING OLD TABLE AS was NEW TABLE AS is_now
    FOR EACH STATEMENT EXECUTE FUNCTION public.no_writing('an argument', 'another');
ALTER TABLE public.tags ENABLE REPLICA TRIGGER tags_by_statement;
CREATE RULE users_are_counted AS ON INSERT TO public.users DO ALSO NOTIFY users;
CREATE RULE tags_end_reminders AS ON DELETE TO public.tags DO ALSO DELETE FROM public.reminders WHERE entry_id = OLD.entry_id AND sent;
ALTER TABLE public.users DISABLE RULE users_are_counted;

-- Publications: of single tables, of a schema, of everything.
CREATE PUBLICATION some_of_it FOR TABLE public.users (id, email), ONLY public.reminders WHERE (number > 0) WITH (publish = 'insert');
CREATE PUBLICATION a_schema FOR TABLES IN SCHEMA public;
CREATE PUBLICATION everything FOR ALL TABLES;
