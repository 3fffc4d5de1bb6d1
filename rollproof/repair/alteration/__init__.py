"""Statements that change an object into what it was, where there is an ALTER for it.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    options         options, set and reset
    casts -         how values become those of another type
    column_order    columns made again at the end, in their order
    columns -       columns
    tables -        tables, and columns of tables
    keys -          constraints, indexes, statistics objects
    relations -     views, materialized views, sequences
    values -        what stops a script where rows have values that a type did not have
    types -         enums, domains, composite types, ranges, base types
    routines -      functions, procedures, aggregates, operators, casts, conversions
    rules -         triggers, policies, rules, event triggers
    surroundings -  schemas, extensions, servers, publications, text search, collations, roles, settings
    release -       columns, domains, whatever cannot be dropped, freed of what is dropped
    alter           any object
"""
