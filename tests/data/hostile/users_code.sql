-- A museum: code in every place where PostgreSQL can hold a user's. Each function leaves a line in the server's log, "RAN place",
-- which stays there when the transaction that ran it was read-only, or was rolled back. What an owner of tables can plant is planted by
-- one who is no more than that ("mallory"); superusers' places are at the end. tests/cli/test_users_code.py runs each once by hand.
CREATE SCHEMA shop;
CREATE SCHEMA migration_backup;
GRANT ALL ON SCHEMA shop, migration_backup, public TO mallory;
SET ROLE mallory;

-- Calls with constants, which the planner works out.
CREATE FUNCTION shop.ran(place text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
$$ BEGIN RAISE LOG 'RAN %', place; RETURN place; END $$;
CREATE FUNCTION shop.sql_ran(value text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT value || shop.ran('sql_function') $$;
CREATE FUNCTION shop.with_default(value text, more text DEFAULT shop.ran('default_argument')) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
$$ BEGIN RETURN value; END $$;
CREATE FUNCTION shop.row_ran(place text, value text) RETURNS text LANGUAGE plpgsql STABLE AS
$$ BEGIN RAISE LOG 'RAN %', place; RETURN value; END $$;

CREATE TABLE shop.plain (id int PRIMARY KEY, v text DEFAULT shop.ran('default'));
CREATE TABLE shop.with_index (id int PRIMARY KEY, v text);
CREATE INDEX ON shop.with_index ((shop.ran('index_expression') || v));
CREATE TABLE shop.with_condition (id int PRIMARY KEY, v text);
CREATE INDEX ON shop.with_condition (id) WHERE v > shop.ran('index_condition');
CREATE TABLE shop.with_sql (id int PRIMARY KEY, v text);
CREATE INDEX ON shop.with_sql (shop.sql_ran(v));
CREATE TABLE shop.with_argument (id int PRIMARY KEY, v text);
CREATE INDEX ON shop.with_argument (shop.with_default(v));
CREATE TABLE shop.with_null (id int PRIMARY KEY, v text);
CREATE INDEX ON shop.with_null (coalesce(shop.with_default(v || NULL, shop.ran('nested')), ''));
CREATE TABLE shop.with_exclusion (id int PRIMARY KEY, v text, EXCLUDE USING btree ((v || shop.ran('exclusion')) WITH =));
CREATE TABLE shop.with_statistics (id int PRIMARY KEY, v text);
CREATE STATISTICS shop.statistics ON (v || shop.ran('statistics')), id FROM shop.with_statistics;
CREATE TABLE shop.parted (id int, v text, code text) PARTITION BY LIST ((code || shop.ran('partition_key')));
CREATE TABLE shop.parted_a PARTITION OF shop.parted DEFAULT;
CREATE TABLE shop.parent (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
CREATE TABLE shop.parent_1 PARTITION OF shop.parent FOR VALUES FROM (0) TO (1000);
CREATE INDEX ON shop.parent_1 ((v || shop.ran('index_of_a_partition')));
CREATE TABLE shop.child (id serial PRIMARY KEY, parent int REFERENCES shop.parent);
CREATE TABLE shop.checked (
    id int PRIMARY KEY, v text CHECK (v <> shop.ran('check')),
    g text GENERATED ALWAYS AS (v || shop.ran('generated')) STORED
);

-- Types, their casts and operators.
CREATE TYPE shop.mood AS ENUM ('glad', 'sad');
CREATE TYPE shop.pair AS (a int, b text);
CREATE DOMAIN shop.word AS text DEFAULT shop.ran('domain_default') CHECK (VALUE <> shop.ran('domain_check'));
CREATE FUNCTION shop.subdiff(text, text) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE LOG 'RAN subdiff'; RETURN 1; END $$;
CREATE TYPE shop.span AS RANGE (subtype = text, subtype_diff = shop.subdiff);
CREATE FUNCTION shop.cast_text(shop.mood) RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE LOG 'RAN cast_text'; RETURN 'glad'; END $$;
CREATE FUNCTION shop.cast_json(shop.mood) RETURNS json LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE LOG 'RAN cast_json'; RETURN '1'; END $$;
CREATE FUNCTION shop.cast_jsonb(shop.mood) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE LOG 'RAN cast_jsonb'; RETURN '1'; END $$;
CREATE FUNCTION shop.cast_in(text) RETURNS shop.mood LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE LOG 'RAN cast_in'; RETURN (enum_range(NULL::shop.mood))[1]; END $$;
CREATE FUNCTION shop.cast_pair(shop.pair) RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE LOG 'RAN cast_pair'; RETURN ''; END $$;
CREATE FUNCTION shop.cast_span(shop.span) RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE LOG 'RAN cast_span'; RETURN ''; END $$;
CREATE FUNCTION shop.cast_moods(shop.mood[]) RETURNS tsvector LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE LOG 'RAN cast_moods'; RETURN ''; END $$;
CREATE CAST (shop.mood AS text) WITH FUNCTION shop.cast_text(shop.mood) AS ASSIGNMENT;
CREATE CAST (shop.mood AS json) WITH FUNCTION shop.cast_json(shop.mood);
CREATE CAST (shop.mood AS jsonb) WITH FUNCTION shop.cast_jsonb(shop.mood);
CREATE CAST (text AS shop.mood) WITH FUNCTION shop.cast_in(text) AS ASSIGNMENT;
CREATE CAST (shop.pair AS text) WITH FUNCTION shop.cast_pair(shop.pair) AS IMPLICIT;
CREATE CAST (shop.span AS text) WITH FUNCTION shop.cast_span(shop.span) AS IMPLICIT;
CREATE CAST (shop.mood[] AS tsvector) WITH FUNCTION shop.cast_moods(shop.mood[]) AS IMPLICIT;
CREATE FUNCTION shop.same(shop.mood, shop.mood) RETURNS boolean LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE LOG 'RAN operator'; RETURN true; END $$;
CREATE OPERATOR public.= (LEFTARG = shop.mood, RIGHTARG = shop.mood, FUNCTION = shop.same);
CREATE OPERATOR shop.<> (LEFTARG = shop.mood, RIGHTARG = shop.mood, FUNCTION = shop.same);
CREATE TYPE shop.level AS ENUM ('one');
CREATE FUNCTION shop.cast_int(shop.level) RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE LOG 'RAN cast_int'; RETURN 1; END $$;
CREATE CAST (shop.level AS int) WITH FUNCTION shop.cast_int(shop.level) AS IMPLICIT;
CREATE TABLE shop.numbered (id int PRIMARY KEY);
CREATE TABLE shop.levels (level shop.level REFERENCES shop.numbered);
CREATE TABLE shop.moods (mood shop.mood PRIMARY KEY);
CREATE TABLE shop.moody (id int PRIMARY KEY, mood shop.mood REFERENCES shop.moods);
CREATE TABLE shop.typed (
    id int PRIMARY KEY, mood shop.mood, moods shop.mood[], pair shop.pair, pairs shop.pair[], word shop.word, words shop.word[],
    span shop.span, spans shop.span_multirange, plain text
);
CREATE TABLE shop.casting (id int PRIMARY KEY, mood shop.mood);

-- What runs when rows are read, written or made.
CREATE VIEW shop.view AS SELECT shop.row_ran('view', v) AS v FROM shop.plain;
CREATE MATERIALIZED VIEW shop.matview AS SELECT shop.row_ran('matview', v) AS v FROM shop.plain;
CREATE INDEX ON shop.matview ((v || shop.ran('index_of_a_matview')));
CREATE TABLE shop.guarded (id int PRIMARY KEY, v text);
ALTER TABLE shop.guarded ENABLE ROW LEVEL SECURITY;
ALTER TABLE shop.guarded FORCE ROW LEVEL SECURITY;
CREATE POLICY mine ON shop.guarded USING (shop.row_ran('policy', v) IS NOT NULL);
CREATE TABLE shop.ruled (id int PRIMARY KEY, v text);
CREATE RULE ruled AS ON INSERT TO shop.ruled DO ALSO SELECT shop.row_ran('rule', 'v');
CREATE FUNCTION shop.triggered() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE LOG 'RAN trigger'; RETURN NEW; END $$;
CREATE TABLE shop.watched (id int PRIMARY KEY, v text);
CREATE TRIGGER watched BEFORE INSERT ON shop.watched FOR EACH ROW EXECUTE FUNCTION shop.triggered();
CREATE FUNCTION shop.step(text, shop.mood) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE LOG 'RAN aggregate'; RETURN $1; END $$;
CREATE AGGREGATE public.max(shop.mood) (SFUNC = shop.step, STYPE = text);
CREATE PROCEDURE shop.procedure() LANGUAGE plpgsql AS $$ BEGIN RAISE LOG 'RAN procedure'; END $$;

CREATE VIEW shop.over AS SELECT id FROM shop.with_index WHERE v = 'x';

-- The migration's log and copies, which are read by name.
CREATE TABLE shop.log (migration text, operation text, status text, step text, started_at timestamptz, finished_at timestamptz);
CREATE VIEW public.migration_log AS
SELECT migration, operation, shop.row_ran('log', status) AS status, step, started_at, finished_at FROM shop.log
WHERE shop.ran('log_condition') IS NOT NULL;
CREATE VIEW migration_backup.plain_backup AS SELECT id, shop.row_ran('copy', v) AS v FROM shop.plain;
CREATE TABLE migration_backup.moody_backup (id int, mood text);
CREATE INDEX ON migration_backup.moody_backup ((mood || shop.ran('index_of_a_copy')));
CREATE TABLE migration_backup.typed_backup (LIKE shop.typed);
CREATE TABLE migration_backup.casting_backup (id int, mood text);
CREATE TABLE migration_backup.with_index_backup (LIKE shop.with_index);

-- Rows, of which each table has a few.
INSERT INTO shop.plain VALUES (1, 'a'), (2, 'b');
INSERT INTO shop.with_index VALUES (1, 'a');
INSERT INTO shop.with_condition VALUES (1, 'a');
INSERT INTO shop.with_sql VALUES (1, 'a');
INSERT INTO shop.with_argument VALUES (1, 'a');
INSERT INTO shop.with_null VALUES (1, 'a');
INSERT INTO shop.with_exclusion VALUES (1, 'a');
INSERT INTO shop.with_statistics VALUES (1, 'a');
INSERT INTO shop.parted VALUES (1, 'a', 'b');
INSERT INTO shop.parent VALUES (1, 'a');
INSERT INTO shop.child (parent) VALUES (1);
INSERT INTO shop.checked (id, v) VALUES (1, 'a');
INSERT INTO shop.numbered VALUES (1);
INSERT INTO shop.levels VALUES ('one');
INSERT INTO shop.moods VALUES ('glad');
INSERT INTO shop.moody VALUES (1, 'glad');
INSERT INTO shop.typed
VALUES (1, 'glad', '{glad}', '(1,a)', '{"(1,a)"}', 'w', '{w}', '[a,b)', '{[a,b)}', 'p'), (2, 'sad', '{sad}', '(2,b)', '{}', 'x', '{}', 'empty', '{}', 'q');
INSERT INTO shop.casting VALUES (1, 'glad'), (2, 'sad');
INSERT INTO shop.guarded VALUES (1, 'a');
INSERT INTO shop.ruled VALUES (1, 'a');
INSERT INTO shop.watched VALUES (1, 'a');
INSERT INTO migration_backup.moody_backup VALUES (1, 'glad');
INSERT INTO migration_backup.typed_backup TABLE shop.typed;
INSERT INTO migration_backup.casting_backup VALUES (1, 'glad'), (2, 'sad');
INSERT INTO migration_backup.with_index_backup TABLE shop.with_index;
INSERT INTO shop.log VALUES ('m', 'migrate', 'completed', '', now(), now()), ('m', 'rollback', 'completed', '', now(), now());
REFRESH MATERIALIZED VIEW shop.matview;

RESET ROLE;

-- Where only a superuser may plant.
CREATE FUNCTION shop.compare(int, int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
$$ BEGIN RAISE LOG 'RAN operator_class'; RETURN btint4cmp($1, $2); END $$;
CREATE OPERATOR CLASS shop.ints FOR TYPE int USING btree AS
OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 shop.compare(int, int);
CREATE TABLE shop.ordered (id int PRIMARY KEY, n int, r int);
CREATE UNIQUE INDEX ON shop.ordered (n shop.ints);
CREATE TABLE shop.ordering (id int PRIMARY KEY, n int REFERENCES shop.ordered (n));
CREATE FUNCTION shop.cast_uuid(varchar) RETURNS uuid LANGUAGE plpgsql IMMUTABLE AS
$$ BEGIN RAISE LOG 'RAN cast_of_a_superuser'; RETURN $1::text::uuid; END $$;
CREATE CAST (varchar AS uuid) WITH FUNCTION shop.cast_uuid(varchar) AS IMPLICIT;
CREATE TABLE shop.uuids (id uuid PRIMARY KEY);
CREATE TABLE shop.uuid_names (id int PRIMARY KEY, uuid varchar);
CREATE FUNCTION shop.happened() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE LOG 'RAN event_trigger'; END $$;
CREATE EVENT TRIGGER happened ON ddl_command_end WHEN TAG IN ('COMMENT') EXECUTE FUNCTION shop.happened();

INSERT INTO shop.ordered VALUES (1, 1), (2, 2);
INSERT INTO shop.ordering VALUES (1, 1);
INSERT INTO shop.uuids VALUES ('00000000-0000-4000-8000-000000000001');
INSERT INTO shop.uuid_names VALUES (1, '00000000-0000-4000-8000-000000000001');
