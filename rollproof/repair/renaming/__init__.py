"""What is missing and was left behind, and is the same but for its name: it is given its name back, so that nothing is lost.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    respelled      facts as they will be told once something has another name
    shapes -       all that is told of an object, with its own name left out
    renames        which objects have another name, and the statements that give them back the one they had
"""
