"""Where throw-away databases come from; which kind of server it is, nobody else knows.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    server             what a server can do: the protocol
    binaries -         where PostgreSQL's server programs are installed
    databases -        databases made and dropped on a server
    reaper -           removes a server's directory when its owner is dead
    room               how much room a large database needs
    data_directory     the directory and user of a throw-away server
    processes -        a server of our own
    admin -            a running server, by URL
    commanded -        a running server whose URL a command prints
    container_reaper - removes a container when its owner is dead
    container -        a server in a container
    provide            the server that --server names
"""
