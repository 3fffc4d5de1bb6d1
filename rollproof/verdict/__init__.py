"""What it means: from differences to findings, advice and one verdict.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    selected               how many of a phase's cases were run
    checklist              items of the procedure's checklist, and what became of each
    state_before           what was kept of the state before the rollback, and what the rollback changed
    escalation -           since when a phase is red, and who is called next
    record                 an incident by its entries: what was decided, done and found
    plan_changes           what it means that a plan is another, or costs more
    result_changes         what it means that a query answers otherwise
    measured               what a run measured: tables, stages, answers, plans, copies, waivers
    recommendation         after the migration: what to do, by the decision matrix
    subjects               the object that a finding is about, and what its definition mentions
    related -              the findings that one finding leads to
    causes                 which findings follow from which: roots and their consequences
    outcome                what came of each case, and all of it as a report
    procedure_items        the items of the procedure before a rollback, and what a run can say of each
    validation             integrity, application and performance, by a run's cases
    words                  a finding in a few words, as a value
    clauses -              definitions as clauses, and what reports call each
    changes -              what changed of a definition, in words
    special_words -        grants, owners, rows, positions …, each in words of its kind
    wording                a finding in a few words: what kind of thing, which, and what became of it
    cause                  findings that read alike, and all that follows from them, as a value
    grouping -             the findings of a run as causes
    grid -                 what is known of each table, by families of checks
    next_steps -           what to do next, by verdict and phase
    overview               the one glance: which tables differ, by which causes, what follows, what to do next
    rounds                 rounds of a watch: what each saw, what is red, what only may become so
    run_verdict            the verdict of a run: word, exit code, sentence
    fleet/                 many databases: what each came to, which are alike, one verdict
    vocabulary             every word that a verdict can be, every exit code: what it means, what to do
    advice -               what to do about findings, in words, where no statement repairs them
    waivers                accepted differences
    row_file -             --evidence-file: all differing rows
    shown_rows -           a row that differs, as it is shown
    row_ranges -           where rows differ, by the sums that a baseline keeps
    row_whereabouts -      the same of a table that is read for it
    row_evidence           which rows differ, for the report
    row_values             rows of another database, fetched into files
    row_moment -           what the subject is like when its rows are put back
    table_rows -           how one table's rows are put back
    conditions             whether a condition that stands in a file may be asked of a database
    rollback_changes       what the rollback changed of the state before it
    refusals -             what rows refuse of a plan, while it is found out
    castable -             whether the values of a column can have the type that it had
    violations -           what rows would refuse of a plan
    row_repairs            the tables whose rows differ, as steps of a plan
    repairs                all differences of definitions, and the plan that undoes them
    expect                 what a check calls: facets restored, nothing found
    so_far                 rows of one table judged the moment they are known, by the rule of the checks
"""
