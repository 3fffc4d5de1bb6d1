"""A proxy for PostgreSQL's protocol between a tool and the throw-away server: it counts statements, and can cut the connection.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    sent         a statement that a tool sent, and where a connection is cut
    proxy        the proxy
"""
