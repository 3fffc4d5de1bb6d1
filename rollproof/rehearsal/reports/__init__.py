"""The reports of a rehearsal: functions from what took place to text.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    terminal     the lines on the terminal
"""
