"""Which application lives on which schema: statements prepared and commands run, old and new, before and after.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    statement   a statement of an application, as a value
    door        what each schema says of a statement, and which pairs work, as values
    corners     which pairs of application and schema work, of all statements and test commands
    required    which pairs must work
"""
