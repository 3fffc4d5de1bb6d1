"""The reports of a self-test: functions from what became of the faults to text, and the files that they are written to.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    told       what the reports say, as values: the contract of selftest.json
    telling    from what became of the faults to what is said of it
    html -     selftest.html
    markdown - selftest.md
    json -     selftest.json
    schema     the JSON Schema of selftest.json
    junit -    selftest.xml
    github -   annotations in GitHub Actions
    terminal - the lines on the terminal
    metrics    what a self-test came to as metrics
    listing    the faults as SQL, for --list
    files -    every format, written into the report folder
    publish    all of it: files written, lines printed
"""
