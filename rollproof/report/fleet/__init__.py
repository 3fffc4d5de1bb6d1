"""The reports of many databases: functions from a `FleetReport` to text, of which each is a file of the fleet's folder.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    terminal   what is printed: counts, the groups, the worst first
    json       fleet.json
"""
