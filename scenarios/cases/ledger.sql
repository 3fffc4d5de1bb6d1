-- Accounts and their entries: enough rows that a look-up by a key needs an index.
CREATE TABLE accounts (id uuid PRIMARY KEY, email text NOT NULL UNIQUE);
CREATE TABLE entries (id integer PRIMARY KEY, account_id uuid NOT NULL REFERENCES accounts (id), amount numeric(10, 2) NOT NULL);
CREATE INDEX entries_account_id_idx ON entries (account_id);
INSERT INTO accounts SELECT md5(n::text)::uuid, 'a' || n FROM generate_series(1, 2000) AS n;
INSERT INTO entries SELECT n, md5((n % 2000 + 1)::text)::uuid, n FROM generate_series(1, 12000) AS n;
ANALYZE;
