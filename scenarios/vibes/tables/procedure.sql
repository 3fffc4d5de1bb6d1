-- The tables as the procedure has them, and nothing else: no role, no view, no trigger, no sequence.
-- A third of the ids is upper case, a third without hyphens; some reminders belong to nobody.
CREATE TABLE users (
    id              varchar(36) PRIMARY KEY,
    email           varchar(255) UNIQUE NOT NULL,
    hashed_password varchar(255) NOT NULL,
    is_active       boolean DEFAULT true,
    created_at      timestamptz DEFAULT now(),
    updated_at      timestamptz DEFAULT now()
);
CREATE TABLE journal_entries (
    id         varchar(36) PRIMARY KEY,
    user_id    varchar(36) NOT NULL,
    title      varchar(255),
    content    text,
    created_at timestamptz DEFAULT now(),
    CONSTRAINT fk_journal_entries_user_id FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE TABLE tags (
    id      varchar(36) PRIMARY KEY,
    user_id varchar(36) NOT NULL,
    name    varchar(100) NOT NULL,
    CONSTRAINT fk_tags_user_id FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE TABLE reminders (
    id      varchar(36) PRIMARY KEY,
    user_id varchar(36),
    message text,
    due_at  timestamptz,
    CONSTRAINT fk_reminders_user_id FOREIGN KEY (user_id) REFERENCES users (id)
);

CREATE FUNCTION pg_temp.spelled(thing text, n integer) RETURNS text LANGUAGE sql AS $$
    SELECT CASE n % 3 WHEN 0 THEN upper(md5(thing || n)::uuid::text) WHEN 1 THEN md5(thing || n) ELSE md5(thing || n)::uuid::text END
$$;
INSERT INTO users (id, email, hashed_password, is_active, created_at, updated_at)
SELECT pg_temp.spelled('user', n), 'user' || n || '@example.org', md5(n::text), n % 4 > 0,
       timestamptz '2024-01-01 00:00:00+00' + n * interval '1 hour', CASE WHEN n % 5 > 0 THEN timestamptz '2025-01-01 00:00:00+00' END
FROM generate_series(1, 18) AS n;
INSERT INTO journal_entries
SELECT pg_temp.spelled('entry', n), pg_temp.spelled('user', 1 + n % 18), NULLIF('Day ' || n, 'Day 7'), 'It was day ' || n,
       timestamptz '2024-06-01 00:00:00+00' + n * interval '1 minute'
FROM generate_series(1, 24) AS n;
INSERT INTO tags SELECT pg_temp.spelled('tag', n), pg_temp.spelled('user', 1 + n % 7), 'tag ' || n % 5 FROM generate_series(1, 15) AS n;
INSERT INTO reminders
SELECT pg_temp.spelled('reminder', n), CASE WHEN n % 4 > 0 THEN pg_temp.spelled('user', 1 + n % 18) END, NULL, '2025-05-05 05:05:05.05+00'
FROM generate_series(1, 15) AS n;
