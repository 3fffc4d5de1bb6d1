"""A proxy for PostgreSQL's protocol between a tool and the throw-away server: it counts statements, and can cut the connection.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    sent         a statement that a tool sent, and where a connection is cut
    frames       messages cut out of a stream of bytes
    messages -   what stands in them
    session      one session's statements, counted, and matched with their answers
    upstream     a connection to the server
    processes -  the server's processes ended, or waited for
    link -       a tool's connection and ours to the server
    ends -       the two ends of a link, as asyncio calls them
    proxy        the proxy
"""
