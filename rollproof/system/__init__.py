"""The process we run in, whatever the system; nothing here knows PostgreSQL, and nothing above knows what only POSIX has.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    bundle            where checks, templates and scenarios lie: in a clone beside the engine, in a wheel inside it
    extras            libraries that come with an extra of our package, and the line to type where they are missing
    deadline          when the run has to end (--max-duration)
    background        waiting with a timeout, in threads that keep no process alive
    tail              the end of what a process says
    child_process     a child process that ends when we do
    signals           SIGINT, SIGTERM, SIGHUP: noted at once, acted upon where it does no harm
    files             files that somebody named: read if they are regular and small enough, replaced whole or not at all
    file_lock         a lock on a file, which goes with its holder
    output            standard output without secrets and control characters
    garbage           how often Python looks for garbage
    user              the operating system's user and machine
"""
