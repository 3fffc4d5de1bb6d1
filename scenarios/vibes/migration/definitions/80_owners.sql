-- Owners. An identity's sequence and an owned one follow their table.
SELECT o.table_name, o.full_name, format('ALTER %s %s OWNER TO %s', o.keyword, o.full_name, o.owner::regrole)
FROM object AS o
WHERE o.keyword <> 'SEQUENCE' OR EXISTS (SELECT FROM counter AS c WHERE c.full_name = o.full_name AND c.deptype = 'n')
