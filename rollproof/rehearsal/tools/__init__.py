"""Migration tools as data: how each is recognised, how its steps are listed, how one goes up and down.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    step         one revision of a tool: the commands that go up and down
"""
