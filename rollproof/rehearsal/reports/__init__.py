"""The reports of a rehearsal: functions from what took place to text, and the files that they are written to.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    told_doors - what they say of doors
    told         what the reports say, as values: the contract of rehearsal.json
    roots -      differences collapsed, with their origins and what mends them
    telling -    from what took place to what is said of it
    costs_text - what a stage cost, in words
    doors_text - doors as lines of text
    timeline -   when each stage ran, as bars
    crash_line - where the connection was cut, as marks on a line
    html -       rehearsal.html
    markdown -   rehearsal.md
    json -       rehearsal.json
    schema       the JSON Schema of rehearsal.json
    junit -      rehearsal.xml
    sarif -      rehearsal.sarif, for code scanning
    terminal -   the lines on the terminal
    github -     annotations and a step's summary in GitHub Actions
    metrics      what a rehearsal came to as metrics
    deciding -   the run of all checks that decided, as a report
    files -      every format, written into the report folder
    publish      all of it: files written, lines printed
"""
