"""SQL and descriptions taken apart, and SQL written of values. Nothing here knows of another object than the one that is told of.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    pieces         SQL that a server printed, cut into its parts
    wording        SQL written of values: strings, types as paths, statements about the database one is connected to
    tables         descriptions of tables, columns, constraints, indexes, statistics objects
    relations      descriptions of views and sequences
    routines       descriptions of functions, aggregates, operators and operator families
    types          descriptions of types
    surroundings   descriptions of servers, publications, roles, text search …
"""
