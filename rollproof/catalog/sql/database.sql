-- identity: the property
-- description: its value. The database's name is left out, so that a copy can be compared.
-- Elsewhere: its owner (owners), grants (privileges), comment (comments), settings (settings), its collation's version
-- (collation_versions).
SELECT
    property.name AS identity,
    property.value AS description
FROM pg_catalog.pg_database AS db
LEFT JOIN pg_catalog.pg_tablespace AS ts ON ts.oid = db.dattablespace
CROSS JOIN LATERAL (
    VALUES
        ('encoding', pg_encoding_to_char(db.encoding)::text),
        ('collation', db.datcollate::text),
        ('character classes', db.datctype::text),
        ('locale provider', CASE db.datlocprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' END), -- from 15
        ('locale', db.datlocale), -- from 17
        ('locale', db.daticulocale), -- from 15 until 16
        ('locale rules', db.daticurules), -- from 16
        ('tablespace', ts.spcname::text),
        ('connections', CASE WHEN db.datallowconn THEN 'allowed' ELSE 'not allowed' END),
        ('connection limit', CASE db.datconnlimit WHEN -1 THEN 'none' ELSE db.datconnlimit::text END),
        ('template', CASE WHEN db.datistemplate THEN 'yes' ELSE 'no' END)
) AS property (name, value)
WHERE db.datname = current_database() AND property.value IS NOT NULL
