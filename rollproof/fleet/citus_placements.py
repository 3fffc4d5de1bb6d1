"""How the tables of a Citus cluster are distributed and where their shards lie, as queries that its coordinator is asked.

They are compared as [[queries]] are: by digests made in the server. Numbers of shards, placements and co-location groups are not
in them: the same table distributed anew has others. The catalogue is that of the page "Citus Tables and Views" of Citus' manual.
"""

from rollproof.settings.sections import Query

_TABLES = r"""
SELECT p.logicalrelid::text AS distributed, p.partmethod::text AS method, p.repmodel::text AS replication,
       (SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = p.logicalrelid AND a.attnum = substring(p.partkey FROM ':varattno (\d+)')::int2) AS by_column,
       ARRAY(SELECT o.logicalrelid::text FROM pg_catalog.pg_dist_partition AS o
             WHERE o.colocationid = p.colocationid AND p.colocationid <> 0 ORDER BY 1) AS together
FROM pg_catalog.pg_dist_partition AS p
"""
_SHARDS = """
SELECT s.logicalrelid::text AS distributed, s.shardstorage::text AS storage, s.shardminvalue AS least, s.shardmaxvalue AS most,
       l.shardstate AS state, n.nodename::text AS host, n.nodeport AS port
FROM pg_catalog.pg_dist_shard AS s
LEFT JOIN pg_catalog.pg_dist_placement AS l ON l.shardid = s.shardid
LEFT JOIN pg_catalog.pg_dist_node AS n ON n.groupid = l.groupid AND n.noderole::text = 'primary'
"""
PLACEMENTS = (
    Query("how tables of the Citus cluster are distributed", _TABLES),
    Query("where shards of the Citus cluster lie", _SHARDS),
)
