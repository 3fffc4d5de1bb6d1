"""What is defined, as facts: facet, identity, description.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    queries            the SQL files, adapted to the server's version
    descriptions       parts of a fact's description, such as a column's type
    coverage -         what no query reads, with reasons (docs/not-compared.md)
    concurrent_ddl     whether definitions changed while they were read
    capture            all facets of a database at one instant
    folding -          functions of PostgreSQL's that must not be evaluated by the planner
    planner            whether the planner takes two expressions or queries for the same
    pg_dump_parser -   pg_dump's text as facts
    pg_dump            pg_dump run on the same snapshot
"""
