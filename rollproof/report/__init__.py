"""The reports: functions from a result to text, and the folder that they are written to.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    reasons      one reason of many inconclusive cases, told once
    bars -       a table whose numbers are drawn as bars, too
    triangle -   reference, backup and live table: which agree
    charts       inline SVG for report.html: copies that agree, seconds, rows, answers, plans
    word_diff -  what changed between two definitions, word by word
    page_values - what the page shows: cards, places, the grid
    html         report.html
    markdown_text  pieces of Markdown that no name can leave
    markdown     summary.md
    github       annotations and a step's summary in GitHub Actions
    json         result.json
    junit        junit.xml
    ctrf         ctrf.json
    schema       the JSON Schema of result.json
    stored       a report read back from result.json
    columns      text in the columns of a terminal
    blocks       lines in blocks, and sections that share what room there is
    terminal_sections -  what differs, failed, is in doubt, warns, was not checked
    terminal     what a phase prints
    notice       what people are told of an event of an incident
    runbook/     the procedure of a rollback for one database
    record       record.md: an incident for people to read
    metric_text  metrics as text that Prometheus and OpenMetrics read
    metrics      what a run came to as metrics
    rounds       a watch as text: a line for each round, and a summary
    round_metrics  a watch as metrics
    formats      every format: each module here that has RENDERS
    folder       --report-dir: one folder per run, files of the newest
    history/     runs of the past: listed, compared, several on one page
    fleet/       many databases at once: one report of all
"""
