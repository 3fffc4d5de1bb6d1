"""What a plan is made with: what goes along with what is dropped, and in which order steps can be run.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    closure        what stands on objects that are to be dropped
    taken_names    names that something which is created needs, and something else has
    draft          steps while they are collected
    circles        objects that need each other
    order          steps in an order in which they can be run, in transactions
"""
