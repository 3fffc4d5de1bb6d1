"""What can go wrong with each kind of object: faults, and changes that are none, listed of a database as SQL.

The grammar is data, `grammar/*.toml`. It asks the catalogue by itself and uses nothing of what a baseline is made of: an object
that a capture does not see is here all the same.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    fault           one fault, as a value
    uncovered       objects without a fault, as a value
    grammar         the kinds of objects, with the faults that each can have, read from the files
    stored_tables - tables that hold rows, with their columns
    values -        how a value of any type can be another one
    row_changes -   statements that change the rows of one table
    rows            the faults that rows can have: tried, and taken back
    listing         the faults that the objects of a database can have
    coverage        the objects of a database that have no fault in a listing
    harmless        changes that leave a database as it was
"""
