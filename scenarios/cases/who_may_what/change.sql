-- Access: grants, owners, policies, row security, default grants.
REVOKE SELECT ON items FROM PUBLIC;
ALTER TABLE base OWNER TO pg_monitor;
ALTER POLICY items_mine ON items USING (true);
ALTER TABLE items FORCE ROW LEVEL SECURITY;
ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM PUBLIC;
