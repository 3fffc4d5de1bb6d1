"""Many databases verified: what each came to, which of them are alike, one verdict. Pure.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    schema_name -    the name of a schema that stands for a target, taken out of what is told of it
    root             what is wrong in a target and follows from nothing else, as it reads in every target that has it
    target_outcome   what one target came to, in short: its verdict, and its roots
    target_groups    targets by their identical sets of roots, and how many have each root
    group_repair     one script for all targets of a group that the same statements put right
    fleet_words      roots and groups in sentences: `812 targets lack index orders_x of public.orders`
    fleet_report     all of them, with one verdict
"""
