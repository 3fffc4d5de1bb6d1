"""The services of the application, asked of what runs them.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    status          what a manager says of a service: a value
    host -          the machine of a service, on which commands are run, each under a deadline
    managers -      systemd, supervisor, init scripts, containers: how each is asked, and what its answer means
    looks           services asked side by side: once, or for as long as they should be stable
    judged          what was seen of a service, against the state that a phase wants
    steps           services stopped and started, one after the other
"""
