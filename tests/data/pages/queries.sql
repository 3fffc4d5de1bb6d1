CREATE DATABASE shop;
\connect shop
CREATE TABLE users (id uuid PRIMARY KEY, email text NOT NULL UNIQUE);
CREATE TABLE journal_entries (id uuid PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id), minutes integer NOT NULL);
CREATE INDEX journal_entries_user_id_idx ON journal_entries (user_id);
INSERT INTO users SELECT md5(n::text)::uuid, 'u' || n || '@example.org' FROM generate_series(1, 12000) AS n;
INSERT INTO journal_entries SELECT md5('e' || n)::uuid, md5((n % 12000 + 1)::text)::uuid, n % 60 FROM generate_series(1, 24000) AS n;
ANALYZE;
