"""Statements about what is attached to an object: its owner, grants, comment, labels, row security, state.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    acl                   who may do what, and the statements from one list of that to another
    initial -             owners and privileges with which an object came
    ranges -              what comes with a range type
    access -              owners and privileges
    default_privileges -  what may be done with all objects of a kind that a role will make
    large_objects -       owners and privileges of large objects
    roles -               memberships of roles, settings of roles and of the database
    members -             what belongs to publications, subscriptions, extensions
    texts -               comments and security labels
    tables -              partitions, inheritance, the order of columns, foreign tables' servers
    state -               row security, enforcement of keys, positions of sequences, the planner's statistics
    joins                 what joins an object to another: a partition, its indexes, a column's sequence
    attach                all of them: of an object that was made again, or one that changed
"""
