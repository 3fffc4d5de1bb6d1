"""The reports of many databases: functions from a `FleetReport` to text, of which each is a file of the fleet's folder.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    links -    where a target's own page is, as a link
    terminal   what is printed: the groups, the worst first, counts, one verdict
    json       fleet.json
    schema     the JSON Schema of fleet.json
    html       fleet.html
    markdown   fleet.md
    junit      junit.xml: a suite for each target
    github     annotations and a step's summary in GitHub Actions
    metrics    a fleet as metrics, labelled by target
    files      the files of a fleet's folder, by the formats that were asked for
"""
