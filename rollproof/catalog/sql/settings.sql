-- identity: setting FOR DATABASE | FOR ROLE r | FOR ROLE r IN DATABASE | FOR ROLE ALL
-- description: its value (ALTER DATABASE ... SET, ALTER ROLE ... SET)
-- Values of settings that look like a secret are left out.
SELECT
    concat_ws(
        ' ',
        split_part(setting, '=', 1),
        CASE
            WHEN s.setrole = 0 AND s.setdatabase = 0 THEN 'FOR ROLE ALL'
            WHEN s.setrole = 0 THEN 'FOR DATABASE'
            ELSE concat_ws(' ', 'FOR ROLE', s.setrole::regrole::text, CASE WHEN s.setdatabase <> 0 THEN 'IN DATABASE' END)
        END
    ) AS identity,
    CASE
        WHEN split_part(setting, '=', 1) ~* 'passw|secret|token|credential' THEN '(hidden)'
        ELSE substr(setting, strpos(setting, '=') + 1)
    END AS description
FROM pg_catalog.pg_db_role_setting AS s
CROSS JOIN LATERAL unnest(s.setconfig) AS setting
LEFT JOIN pg_catalog.pg_database AS db ON db.oid = s.setdatabase
WHERE s.setdatabase = 0 OR db.datname = current_database()
UNION ALL
-- Wherever it was set: with it, ordinary triggers and foreign keys sleep.
SELECT 'session_replication_role (in effect)', setting.setting
FROM pg_catalog.pg_settings AS setting
WHERE setting.name = 'session_replication_role' AND setting.setting <> 'origin'
