"""One server, and one read-only instant of it.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    sockets               TCP keepalives and timeouts; cancelling and closing a connection that hangs
    connection            connecting, or the reason why not
    transactions          one read-only transaction on one snapshot, every setting that matters pinned
    sqlstates             PostgreSQL's errors by SQLSTATE: advice for the user, whether to retry
    lock_timeouts -       how long locks of others are waited for in one run
    relation_identity     whether a table that was read is still the one of the snapshot
    exported_snapshot -   the session that exports the snapshot, and its successors
    heartbeat -           a sign of life from the session that holds the snapshot
    workers -             worker threads, urgent questions first
    throttle -            scans wait while replicas lag or too many sessions are active
    pacing                --gentle: the share of time in which we may work
    user_code             what planning an expression would run of users' functions
    planning_guard        questions are planned only where that runs no users' function
    retries -             how often one question is tried
    reader                an instant read by several sessions side by side
    private_reader        a database that nobody else uses, read in one session
    instant_session       a session for the user's own questions on that instant
    encryption            whether the connection is encrypted
    pg_binaries           where PostgreSQL's client programs are installed
"""
