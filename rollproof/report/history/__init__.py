"""The runs of a report folder: listed, compared, several on one page. Pure: what was read of them comes in.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    kept         a run of the past in short, read from its files
    listing      all of them as lines, with what became of it since the run before
    comparison   what changed between two runs
    changes      the same as lines
    night        the runs of one night as one page
"""
