"""Definitions as facts: facet, identity, description.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    queries            the SQL files, adapted to the server's version
    coverage -         what no query reads, with reasons (docs/not-compared.md)
    concurrent_ddl     DDL of other sessions while definitions are read
    capture            all facets of a database at one instant
    folding -          built-in functions that the planner must not evaluate
    planner            whether two expressions or queries have the same plan
    pg_dump_parser -   pg_dump's text as facts
    pg_dump            pg_dump run on the same snapshot
"""
