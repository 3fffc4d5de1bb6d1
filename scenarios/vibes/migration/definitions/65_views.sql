-- Views, each after those that it reads.
SELECT NULL, v.full_name,
       format('CREATE VIEW %s%s AS %s', v.full_name, ' WITH (' || array_to_string(v.reloptions, ', ') || ')',
              rtrim(pg_get_viewdef(v.oid), ';')) AS statement
FROM view_over AS v
ORDER BY v.depth, v.full_name
