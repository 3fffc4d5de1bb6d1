-- Keys of several columns, keys to the own table, a chain that reaches users only through another table, names that must be
-- quoted, and a varchar(36) that is no key at all.
CREATE TABLE users (
    id         varchar(36) COLLATE "C" PRIMARY KEY,
    name       text NOT NULL,
    invited_by varchar(36) COLLATE "C" CONSTRAINT fk_users_invited_by REFERENCES users ON DELETE SET NULL,
    telephone  varchar(36)
);
CREATE TABLE journal_entries ( -- an entry's id is one only among those of its user
    user_id varchar(36) COLLATE "C" NOT NULL CONSTRAINT fk_journal_entries_user_id REFERENCES users ON DELETE CASCADE,
    id      varchar(36) NOT NULL,
    "Goes On From" varchar(36),
    title   varchar(36) NOT NULL,
    PRIMARY KEY (user_id, id),
    CONSTRAINT "journal's own" FOREIGN KEY (user_id, "Goes On From") REFERENCES journal_entries DEFERRABLE INITIALLY DEFERRED,
    CHECK ("Goes On From" <> id)
);
CREATE TABLE tags (
    id       varchar(36) PRIMARY KEY DEFAULT gen_random_uuid()::text,
    user_id  varchar(36) COLLATE "C",
    entry_id varchar(36),
    under    varchar(36) REFERENCES tags,
    "order"  smallint NOT NULL,
    CONSTRAINT fk_tags_user_id FOREIGN KEY (user_id, entry_id) REFERENCES journal_entries MATCH FULL ON UPDATE CASCADE,
    UNIQUE (entry_id, "order")
);
CREATE TABLE reminders (
    user_id  varchar(36) COLLATE "C",
    entry_id varchar(36),
    number   integer,
    due_at   timestamptz NOT NULL,
    PRIMARY KEY (number, entry_id, user_id),
    CONSTRAINT fk_reminders_user_id FOREIGN KEY (user_id, entry_id) REFERENCES journal_entries
);
CREATE INDEX ON reminders (user_id, due_at DESC) WHERE number > 1;

CREATE FUNCTION pg_temp.spelled(thing text, n integer) RETURNS text LANGUAGE sql AS $$
    SELECT CASE n % 3 WHEN 0 THEN upper(md5(thing || n)::uuid::text) WHEN 1 THEN md5(thing || n) ELSE md5(thing || n)::uuid::text END
$$;
INSERT INTO users
SELECT pg_temp.spelled('user', n), 'User ' || n, CASE WHEN n > 1 THEN pg_temp.spelled('user', n / 2) END,
       CASE n % 3 WHEN 0 THEN '+44 20 7946 0' || n WHEN 1 THEN md5('telephone' || n) END
FROM generate_series(1, 8) AS n;
INSERT INTO journal_entries
SELECT pg_temp.spelled('user', 1 + n % 4), pg_temp.spelled('entry', n / 4), CASE WHEN n / 4 > 1 THEN pg_temp.spelled('entry', n / 4 - 1) END,
       'Day ' || n
FROM generate_series(4, 27) AS n;
INSERT INTO tags
SELECT pg_temp.spelled('tag', n), CASE WHEN n % 5 > 0 THEN pg_temp.spelled('user', 1 + n % 4) END,
       CASE WHEN n % 5 > 0 THEN pg_temp.spelled('entry', 1 + n / 4 % 5) END, CASE WHEN n > 2 THEN pg_temp.spelled('tag', n - 2) END, n
FROM generate_series(1, 16) AS n;
INSERT INTO reminders
SELECT pg_temp.spelled('user', 1 + n % 4), pg_temp.spelled('entry', 1 + n / 5), n % 3, '2025-01-01 08:00:00+00' FROM generate_series(1, 15) AS n;
