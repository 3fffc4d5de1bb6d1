"""Statements that create an object as it was, with all that comes with it.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    columns       a column, as CREATE TABLE and ADD COLUMN write it
    tables -      tables and columns, foreign tables, partitions
    keys          constraints, indexes, statistics objects
    relations     views, materialized views, sequences
    routines      functions, procedures, aggregates, operators, casts, conversions
    types         enums, domains, composite types, ranges, base types
    rules -       triggers, policies, rules, event triggers
    surroundings  schemas, extensions, servers, publications, text search, collations, roles
    implied -     what no statement of its own creates, because another object's does
    entries -     from pg_dump's entries
    create        any object: from pg_dump's entry, else from facts
    apart         a table or a domain without what needs what needs it
"""
