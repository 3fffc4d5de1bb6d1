-- identity: schema.table.policy
-- description: kind, command, roles, and both conditions
-- In batches ($2, $3): PostgreSQL locks the tables a condition asks (ACCESS SHARE) when it prints it, until the transaction ends.
-- Whether they count at all: see row_security.
SELECT
    format('%I.%I.%I', n.nspname, c.relname, p.polname) AS identity,
    concat_ws(
        ' ',
        CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
        CASE p.polcmd
            WHEN 'r' THEN 'FOR SELECT'
            WHEN 'a' THEN 'FOR INSERT'
            WHEN 'w' THEN 'FOR UPDATE'
            WHEN 'd' THEN 'FOR DELETE'
            ELSE 'FOR ALL'
        END,
        'TO ' || (
            SELECT string_agg(each.name, ', ' ORDER BY each.name COLLATE "C")
            -- A role that was named twice is stored twice, and listed once.
            FROM (
                SELECT DISTINCT CASE role WHEN 0 THEN 'PUBLIC' ELSE role::regrole::text END
                FROM unnest(p.polroles) AS role
            ) AS each (name)
        ),
        'USING (' || pg_get_expr(p.polqual, p.polrelid) || ')',
        'WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'
    ) AS description,
    p.oid
FROM (
    SELECT q.oid, q.polname, q.polrelid, q.polcmd, q.polpermissive, q.polroles, q.polqual, q.polwithcheck
    FROM pg_catalog.pg_policy AS q
    JOIN pg_catalog.pg_class AS t ON t.oid = q.polrelid
    JOIN pg_catalog.pg_namespace AS s ON s.oid = t.relnamespace
    WHERE q.oid > $2::oid AND s.nspname = ANY ($1)
    ORDER BY q.oid
    LIMIT $3
) AS p
JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
