-- Deterministic rows for vibes: the same scale gives the same rows, on every server.
--
-- psql's variables :users, :entries, :tags, :reminders are numbers of rows; :'token' is the SHA-256 of user 1's token.
-- Ids come in the spellings a varchar(36) collects in years: canonical, UPPER CASE, without hyphens, and both.
-- A cast through uuid loses those spellings, and everything outside that remembers them with it.

CREATE FUNCTION pg_temp.spelled(thing text, n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE n % 10
        WHEN 1 THEN upper(md5(thing || n::text))
        WHEN 3 THEN upper(md5(thing || n::text)::uuid::text)
        WHEN 7 THEN md5(thing || n::text)
        ELSE md5(thing || n::text)::uuid::text
    END
$$;

INSERT INTO users (id, account_number, email, display_name, bio, status, plan_price, preferences, roles, invited_by,
                   token_sha256, created_at, updated_at)
SELECT pg_temp.spelled('user', n),
       1000 + n,
       CASE n % 50 WHEN 0 THEN 'Ünï.' || n ELSE 'User.' || n END || '@example.org',
       (ARRAY['Ada', 'Ōsaka 花子', '', '<b>Bob</b>', 'O''Neil & Söhne', E'tab\there', '👩‍🚀 Zoë', '  padded  '])[1 + n % 8],
       CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN '<script>alert("' || n || '")</script>' ELSE repeat('long ', 20) END,
       (ARRAY['active', 'active', 'active', 'invited', 'suspended', 'deleted'])[1 + n % 6]::user_status,
       CASE n % 3 WHEN 0 THEN 0 WHEN 1 THEN 9.90 ELSE 1234567.05 END,
       jsonb_build_object('theme', CASE n % 2 WHEN 0 THEN 'dark' ELSE 'light' END, 'size', 1.50, 'n', n, 'nothing', NULL),
       CASE n % 5 WHEN 0 THEN ARRAY['admin', 'a,b', ''] WHEN 1 THEN ARRAY['reader', NULL] ELSE '{}' END,
       CASE WHEN n % 3 = 0 THEN pg_temp.spelled('user', 1 + n / 3) END,
       CASE WHEN n = 1 THEN :'token' WHEN n % 20 = 0 THEN encode(sha256(('token ' || n)::bytea), 'hex') END,
       timestamptz '2021-03-28 01:59:59.999999+00' + n * interval '7 hours 1 microsecond',
       timestamptz '2024-10-27 00:30:00+00' + n * interval '11 minutes'
FROM generate_series(1, :users) AS n;

INSERT INTO journal_entries (id, user_id, follows, entry_number, title, body, mood, rating, labels, metadata, is_private,
                             written_at, updated_at)
SELECT pg_temp.spelled('entry', n),
       pg_temp.spelled('user', 1 + (n::bigint * 7919) % :users),
       CASE WHEN n % 5 = 0 THEN pg_temp.spelled('entry', 1 + n / 2) END,
       100 + 10 * n,
       CASE n % 9 WHEN 0 THEN '' WHEN 4 THEN 'Día ' || n || ' — ☕' ELSE 'Day ' || n END,
       CASE n % 6 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'Dear diary,' || E'\n\n' || '«' || n || '» & <i>so on</i>\.'
                  ELSE 'It was day ' || n || ' of many.' END,
       CASE WHEN n % 7 > 0 THEN (enum_range(NULL::mood))[1 + n % 5] END,
       CASE WHEN n % 4 > 0 THEN (n % 100001) / 1000.0 END,
       CASE n % 3 WHEN 0 THEN ARRAY['work', 'café'] WHEN 1 THEN ARRAY['{', '"', '\'] ELSE '{}' END,
       CASE n % 8 WHEN 0 THEN 'null'::jsonb WHEN 1 THEN NULL ELSE jsonb_build_object('weather', 'ok', 'steps', n * 1.10) END,
       n % 10 <> 0,
       timestamptz '2022-01-01 00:00:00+00' + n * interval '13 minutes 0.000001 second',
       timestamptz '2022-01-02 00:00:00+00' + n * interval '13 minutes'
FROM generate_series(1, :entries) AS n;

INSERT INTO tags (id, user_id, entry_id, name, colour, "order", created_at)
SELECT pg_temp.spelled('tag', n),
       pg_temp.spelled('user', 1 + ((1 + (n * 4) % :entries)::bigint * 7919) % :users), -- the user of the entry
       pg_temp.spelled('entry', 1 + (n * 4) % :entries),
       (ARRAY['Work', 'family', '', 'Überraschung', '100%', 'a:b', '<u>'])[1 + n % 7] || n / :entries || '/' || n % 13,
       CASE n % 4 WHEN 0 THEN NULL ELSE '#' || upper(lpad(to_hex(n % 16777216), 6, '0')) END,
       n % 5 - 2,
       timestamptz '2023-05-05 05:05:05.05+00' + n * interval '1 minute'
FROM generate_series(1, :tags) AS n;

INSERT INTO reminders (id, user_id, entry_id, number, message, due_at, repeat_every, sent, updated_at)
SELECT pg_temp.spelled('reminder', n),
       pg_temp.spelled('user', 1 + (n::bigint * 7919) % :users), -- the user of entry n, as the composite key demands
       CASE WHEN n % 3 > 0 THEN pg_temp.spelled('entry', n) END,
       n,
       CASE n % 5 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE 'Write! ' || n END,
       timestamptz '2025-01-01 08:00:00+00' + n * interval '1 hour',
       (ARRAY[NULL, interval '1 day', interval '24 hours', interval '1 month -3 days'])[1 + n % 4],
       n % 2 = 0,
       timestamptz '2025-01-01 00:00:00+00'
FROM generate_series(1, :reminders) AS n;

SELECT setval(pg_get_serial_sequence('users', 'account_number'), 1000 + :users, true);
SELECT setval('journal_entry_number', 100 + 10 * :entries, true);
SELECT setval(pg_get_serial_sequence('reminders', 'number'), :reminders + 1, false);
