-- Tables without rows that are hard to fill: every type, every kind of constraint. See tests/server/test_filling.py.
CREATE SCHEMA "Hard, ""names""";
CREATE TYPE mood AS ENUM ('sad', 'O''Brien', 'glad');
CREATE TYPE address AS (street text, "house no" smallint, mood mood);
CREATE DOMAIN positive AS numeric(8, 2) CHECK (VALUE > 0);
CREATE DOMAIN postcode AS text NOT NULL CHECK (VALUE ~ '^[A-Z]{2}-[0-9]{4,5}$');
CREATE DOMAIN short_list AS integer[] CHECK (cardinality(VALUE) < 3);
CREATE DOMAIN home AS address CHECK ((VALUE).street <> '');
CREATE TYPE heights AS RANGE (SUBTYPE = float8, MULTIRANGE_TYPE_NAME = many_heights);
CREATE TYPE spelled AS RANGE (SUBTYPE = text);

CREATE TABLE types (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    t_bool boolean, t_int2 smallint, t_int4 integer, t_int8 bigint, t_float4 real, t_float8 double precision,
    t_numeric numeric, t_price numeric(10, 2), t_rate numeric(3, 3), t_thousands numeric(5, 0), t_money money,
    t_text text, t_varchar varchar(10), t_char char(5), t_one "char", t_name name, t_uuid uuid, t_bytea bytea,
    t_date date, t_time time, t_timetz timetz, t_timestamp timestamp, t_timestamptz timestamptz(3), t_interval interval,
    t_json json, t_jsonb jsonb, t_jsonpath jsonpath, t_xml xml, t_inet inet, t_cidr cidr, t_mac macaddr, t_mac8 macaddr8,
    t_bit bit(3), t_varbit varbit(9), t_bit1 bit, t_tsvector tsvector, t_tsquery tsquery, t_point point, t_line line,
    t_lseg lseg, t_box box, t_path path, t_polygon polygon, t_circle circle, t_oid oid, t_lsn pg_lsn, t_xid xid, t_xid8 xid8,
    t_cid cid, t_tid tid, t_snapshot pg_snapshot, t_class regclass, t_type regtype, t_proc regprocedure, t_role regrole,
    t_config regconfig, t_vector oidvector, t_cursor refcursor,
    t_mood mood, t_address address, t_addresses address[], t_positive positive, t_postcode postcode, t_list short_list,
    t_home home, t_heights heights, t_many many_heights, t_spelled spelled, t_int4range int4range, t_tsrange tsrange,
    t_tstzrange tstzrange, t_daterange daterange, t_nummulti nummultirange, t_ints integer[], t_texts varchar(4)[],
    t_matrix numeric(4, 1)[][], t_moods mood[], t_double integer GENERATED ALWAYS AS (t_int2::integer * 2) STORED
);
CREATE TABLE checked (
    code varchar(12) PRIMARY KEY CHECK (code ~ '^[a-z]{3}-\d+$'),
    kind text NOT NULL DEFAULT 'draft' CHECK (kind IN ('draft', 'sent', 'paid')),
    percent integer NOT NULL CHECK (percent BETWEEN 17 AND 23),
    amount numeric(9, 3) CHECK (amount >= 1000 AND amount < 1001),
    mail text NOT NULL CHECK (mail LIKE '%_@_%.%'),
    iban text NOT NULL CHECK (length(iban) = 22 AND iban = upper(iban)),
    starts date NOT NULL CHECK (starts > '2031-05-05'),
    ends date NOT NULL,
    settings jsonb NOT NULL CHECK (settings ? 'theme' AND jsonb_typeof(settings) = 'object'),
    slug text NOT NULL CHECK (slug = lower(btrim(slug)) AND slug <> ''),
    one integer, two text, three date,
    CHECK (starts <= ends),
    CHECK (num_nonnulls(one, two, three) = 1),
    CHECK (CASE WHEN kind = 'draft' THEN amount IS NULL ELSE amount IS NOT NULL END)
);
CREATE UNIQUE INDEX ON checked (lower(mail));

CREATE TABLE formats (
    phone text NOT NULL CHECK (phone ~ '^\+?[1-9]\d{1,14}$'), url text NOT NULL CHECK (url ~* '^https?://[^\s/$.?#].[^\s]*$'),
    colour text NOT NULL CHECK (colour SIMILAR TO '#[0-9A-F]{6}'), ip text NOT NULL CHECK (ip ~ '^(\d{1,3}\.){3}\d{1,3}$'),
    email text NOT NULL CHECK (email ~* '^[A-Z0-9._%+-]+@[A-Z0-9.-]+\.[A-Z]{2,}$'), word text NOT NULL CHECK (word !~ '\s' AND length(word) BETWEEN 3 AND 7),
    account text NOT NULL CHECK (account LIKE 'ACC-%' AND length(account) = 12), prefix text NOT NULL CHECK (starts_with(prefix, 'pre_')),
    doc jsonb NOT NULL CHECK (doc ->> 'type' IN ('a', 'b')), ratio numeric(5, 4) NOT NULL CHECK (ratio > 0 AND ratio < 1),
    latitude float8 NOT NULL CHECK (latitude >= -90 AND latitude <= 90), month integer NOT NULL CHECK (month % 100 BETWEEN 1 AND 12 AND month > 190000),
    tags text[] NOT NULL CHECK (tags <@ ARRAY['x', 'y', 'z'] AND cardinality(tags) > 0), hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    of_day timestamptz NOT NULL CHECK (of_day >= '2020-01-01' AND of_day < '2020-01-02'), span int4range NOT NULL CHECK (lower(span) >= 0 AND upper(span) <= 100)
);
CREATE FUNCTION is_number(text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN IF $1 !~ '^\d+$' THEN RAISE 'no digits: %', $1; END IF; RETURN length($1) > 3; END $$;
CREATE TABLE by_function (n text NOT NULL CHECK (is_number(n)), place_among_those_tried integer NOT NULL CHECK (100 / place_among_those_tried > 3));
CREATE TABLE generated (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name varchar(20) NOT NULL, low text GENERATED ALWAYS AS (lower(name)) STORED UNIQUE);
CREATE TABLE deferred (n integer NOT NULL);
CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.n > 3 THEN RAISE 'too late'; END IF; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON deferred DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late();
CREATE TABLE listed (name text, n integer NOT NULL) PARTITION BY LIST (lower(name));
CREATE TABLE listed_ab PARTITION OF listed FOR VALUES IN ('alpha', 'beta');
CREATE TABLE listed_null PARTITION OF listed FOR VALUES IN (NULL);
CREATE TABLE ranged (a integer NOT NULL, b date NOT NULL, PRIMARY KEY (a, b)) PARTITION BY RANGE (a, b);
CREATE TABLE ranged_1 PARTITION OF ranged FOR VALUES FROM (1000, '2030-01-01') TO (1000, '2030-02-01');
CREATE TABLE ranged_2 PARTITION OF ranged FOR VALUES FROM (1000, '2030-02-01') TO (MAXVALUE, MAXVALUE);

CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL UNIQUE, parent uuid REFERENCES tenants);
CREATE TABLE users (
    tenant uuid REFERENCES tenants, id serial, email text NOT NULL, boss integer,
    PRIMARY KEY (tenant, id), FOREIGN KEY (tenant, boss) REFERENCES users (tenant, id)
);
CREATE UNIQUE INDEX ON users (tenant, lower(email)) WHERE email <> '';
CREATE TABLE teams (tenant uuid, name text, lead integer NOT NULL, PRIMARY KEY (tenant, name),
    FOREIGN KEY (tenant, lead) REFERENCES users MATCH FULL);
CREATE TABLE members (tenant uuid NOT NULL, team text, person integer, PRIMARY KEY (tenant, team, person),
    FOREIGN KEY (tenant, team) REFERENCES teams, FOREIGN KEY (tenant, person) REFERENCES users);
CREATE TABLE profiles (tenant uuid, id integer, bio varchar(200), PRIMARY KEY (tenant, id), FOREIGN KEY (tenant, id) REFERENCES users);
-- Circles: by columns that may be NULL, by deferred keys, by keys that are neither, and through primary keys.
CREATE TABLE hen (id integer PRIMARY KEY, egg integer);
CREATE TABLE egg (id integer PRIMARY KEY, hen integer NOT NULL REFERENCES hen);
ALTER TABLE hen ADD FOREIGN KEY (egg) REFERENCES egg;
CREATE TABLE sun (id integer PRIMARY KEY, moon integer NOT NULL);
CREATE TABLE moon (id integer PRIMARY KEY, sun integer NOT NULL REFERENCES sun DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE sun ADD FOREIGN KEY (moon) REFERENCES moon;
CREATE TABLE body (id integer PRIMARY KEY);
CREATE TABLE soul (id integer PRIMARY KEY REFERENCES body);
ALTER TABLE body ADD FOREIGN KEY (id) REFERENCES soul;
CREATE TABLE own_boss (id integer PRIMARY KEY, boss integer NOT NULL UNIQUE REFERENCES own_boss, weight positive NOT NULL);

CREATE TABLE bookings (room integer NOT NULL, during tsrange NOT NULL, EXCLUDE USING gist (int4range(room, room, '[]') WITH =, during WITH &&));
CREATE TABLE few (answer boolean PRIMARY KEY, mood mood UNIQUE);
CREATE TABLE nothing ();
CREATE TABLE defaults (id bigint DEFAULT nextval('users_id_seq') * 10 PRIMARY KEY, made timestamptz NOT NULL DEFAULT now());
CREATE TABLE "Hard, ""names"""."Select; --" ("from" integer PRIMARY KEY, "a ""b""" text NOT NULL CHECK ("a ""b""" IN ('x''y', 'z')), "é" int UNIQUE);
CREATE TABLE "Hard, ""names"""."child %s" ("to" integer REFERENCES "Hard, ""names"""."Select; --");

CREATE TABLE events (id bigint GENERATED BY DEFAULT AS IDENTITY, at timestamptz NOT NULL, kind text NOT NULL, tenant uuid REFERENCES tenants,
    again bigint, again_at timestamptz, again_kind text, PRIMARY KEY (id, at, kind)) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01 00:00+00') TO ('2025-01-01 00:00+00') PARTITION BY LIST (kind);
CREATE TABLE events_2024_a PARTITION OF events_2024 FOR VALUES IN ('click', 'view');
CREATE TABLE events_2024_other PARTITION OF events_2024 DEFAULT;
CREATE TABLE events_old PARTITION OF events FOR VALUES FROM (MINVALUE) TO ('2024-01-01 00:00+00');
ALTER TABLE events ADD FOREIGN KEY (again, again_at, again_kind) REFERENCES events;
CREATE TABLE event_notes (id bigint, at timestamptz, kind text, note text NOT NULL, FOREIGN KEY (id, at, kind) REFERENCES events);
CREATE TABLE spread (a integer NOT NULL, b text NOT NULL) PARTITION BY HASH (a, b);
CREATE TABLE spread_0 PARTITION OF spread FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE spread_1 PARTITION OF spread FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE spread_2 PARTITION OF spread FOR VALUES WITH (MODULUS 3, REMAINDER 2);
CREATE TABLE animals (name text PRIMARY KEY, legs integer CHECK (legs % 2 = 0));
CREATE TABLE cats (lives integer DEFAULT 9 NOT NULL) INHERITS (animals);

CREATE TABLE audit (what text, at timestamptz DEFAULT now());
CREATE FUNCTION audited() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit (what) VALUES (TG_TABLE_NAME); RETURN NEW; END $$;
CREATE TRIGGER audited AFTER INSERT ON tenants FOR EACH ROW EXECUTE FUNCTION audited();
CREATE TABLE rewritten (id integer PRIMARY KEY, name text NOT NULL, search tsvector);
CREATE FUNCTION rewriting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := upper(NEW.name); NEW.search := to_tsvector('simple', NEW.name); RETURN NEW; END $$;
CREATE TRIGGER rewriting BEFORE INSERT ON rewritten FOR EACH ROW EXECUTE FUNCTION rewriting();
CREATE TABLE picky (n integer NOT NULL);
CREATE FUNCTION picking() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.n % 3 <> 0 THEN RAISE 'not a multiple of three: %', NEW.n; END IF; RETURN NEW; END $$;
CREATE TRIGGER picking BEFORE INSERT ON picky FOR EACH ROW EXECUTE FUNCTION picking();
CREATE TABLE guarded (id integer PRIMARY KEY, owner text NOT NULL);
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY none ON guarded USING (false);
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM tenants;
CREATE VIEW seen AS SELECT * FROM tenants;
-- Tables that nobody can fill, and those that are left alone.
CREATE TABLE refused (id integer);
CREATE FUNCTION refusing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'rows come from the import only'; END $$;
CREATE TRIGGER refusing BEFORE INSERT ON refused FOR EACH ROW EXECUTE FUNCTION refusing();
CREATE TABLE impossible (n integer NOT NULL CHECK (n > 5 AND n < 5));
CREATE TABLE impossible_key (id integer PRIMARY KEY CHECK (id <> id));
CREATE TABLE orphan (parent integer NOT NULL REFERENCES impossible_key);
CREATE TABLE swallowed (id integer);
CREATE RULE swallowing AS ON INSERT TO swallowed DO INSTEAD NOTHING;
CREATE TABLE without_partitions (id integer) PARTITION BY RANGE (id);
CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
CREATE TABLE has_rows (id integer PRIMARY KEY);
INSERT INTO has_rows VALUES (7);
CREATE TABLE of_rows ("row" integer NOT NULL REFERENCES has_rows);
