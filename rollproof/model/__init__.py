"""Frozen values and pure functions: no connection, no clock, no printing.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    errors            everything that can go wrong, and who must act
    defaults          limits that hold unless somebody sets others
    amounts           numbers of things, in words
    facets            what is known of each kind of fact: catalog/facets.toml, read once
    phase             what is expected and said in each of the four phases
    markers           families of checks, and what else marks them
    names             identifiers as SQL writes them on every major: quoting, splitting, tokens
    bookkeeping       tables in which migration tools keep their own books, by name
    statements        SQL split into its statements
    locks             which lock a statement takes, and whether it reads or rewrites a table
    descriptions      parts of a description, such as a column's type
    definitions       a definition split into its expressions and what stands around them
    node_tree         expressions as pg_node_tree keeps them: which functions they call
    printable         control and direction characters escaped, so that text can be shown anywhere
    toml_text         texts and comments as TOML writes them
    redaction         passwords and tokens removed from text, however they are spelled
    printable_sql     SQL that stays the same statement when it is escaped
    renamed           checks and facets that had another name
    timestamps        times as UTC in ISO 8601, durations in words
    query_plan        the plan of a query: nodes, indexes, cost, time
    query_result      what a query answered, without values
    footprint         what the server counts of a table: its file, its size, rows written
    detail            sums of parts of a table's rows: where they differ, from a baseline alone
    snapshot          facts of one instant: facet, identity, description
    dump_facts        which pg_dump wrote the facts of pg_dump
    schema_parts      a snapshot by schemas: what belongs to each, and what to none
    provenance        what was compared with what, when, by whom
    event             what took place on the night, and the entries of its timeline
    command_run       a command of the user's that was run, and the test cases that it reported
    traffic           how much a table is used
    compare           the differences of two snapshots
    finding           what a check found: findings, rows that differ, statements, doubts
    row_words         which rows differ, in a few words: how many, and in which columns
    plain_text        what a check found as plain text
    failure           what a check raises when it found something
    drops             which kind of object a fact tells of, and the statement that drops it
    no_loss           rules by which a difference is no loss
"""
