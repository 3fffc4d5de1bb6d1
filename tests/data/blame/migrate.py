"""A migration as a program of its own, which writes in two sessions at a time. Each damage is marked."""

import asyncio
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg


def up(first, second, once):
    first.execute("CREATE TABLE parts (id integer PRIMARY KEY)")  # --> tables public.parts
    second.execute("UPDATE customers SET rank = 0 WHERE id = %s", (5,))  # --> content public.customers
    first.execute("INSERT INTO parts VALUES (1)")
    second.commit()
    asyncio.run(apart())
    many(first)
    rows = [("y", 1), ("z", 2)]
    first.cursor().executemany("UPDATE audit SET what = %s WHERE id = %s", rows)  # --> content public.audit
    for number in range(1, 60):
        first.execute("INSERT INTO busy VALUES (%s)", (number,))  # --> rows public.busy
    with first.cursor().copy("COPY empty (id) FROM STDIN") as rows:  # --> rows public.empty
        rows.write_row((7,))
    if not once.exists():
        once.touch()
        first.execute("CREATE SCHEMA once")
    first.commit()
    try:
        first.execute("COMMENT ON TABLE orders IS NULL")
        first.execute("SELECT 1 / 0")
    except psycopg.Error:
        first.rollback()
    first.autocommit = True
    first.execute("CREATE INDEX CONCURRENTLY by_mail ON customers (email)")  # --> indexes public.customers.by_mail


def many(session):
    session.execute(
        """
        ALTER TABLE customers ADD COLUMN country text;
        -- two in one call
        CREATE TYPE mood AS ENUM ('good'); -- --> types public.mood
        DELETE FROM orders WHERE id = 3 -- --> rows public.orders
        """
    )


def down(first, second, _):
    second.execute("ALTER TABLE customers DROP COLUMN country")
    second.commit()
    first.execute("DROP VIEW totals")  # --> views public.totals
    first.commit()


def address():
    """Take the address apart, as tools do that want another spelling of it."""
    at = urlsplit(os.environ["DATABASE_URL"])
    known = {"user": at.username, "password": at.password, "dbname": at.path.strip("/")}
    return {"host": at.hostname, "port": at.port, **known}


async def apart():
    async with await psycopg.AsyncConnection.connect(**address()) as third:
        await third.execute("CREATE SEQUENCE apart")  # --> sequences public.apart


if __name__ == "__main__":
    with psycopg.connect(**address()) as first, psycopg.connect(**address()) as second:
        {"up": up, "down": down}[sys.argv[1]](first, second, Path(sys.argv[2]))
