"""Create the vibes schema in an empty database and fill it: `python data.py --create --database-url URL [--scale N]`."""

import argparse
import hashlib
import os
import re
import sys
from pathlib import Path

import psycopg

HERE = Path(__file__).parent
ROWS = {"users": 1_000, "entries": 20_000, "tags": 15_000, "reminders": 3_000}  # at scale 1
DEMO_TOKEN = "vibes-demo-token"  # noqa: S105 - of the demonstration user, known to everybody
MARKER = "-- data.py puts the rows in here"


def statements(scale: float, token: str) -> tuple[str, str, str]:
    """Return the tables, the rows and what is built over them, as SQL to run in this order."""
    tables, marker, built_after = (HERE / "schema.sql").read_text("utf-8").partition(MARKER)
    if not marker:
        message = f"schema.sql has no line that starts with {MARKER!r}"
        raise SystemExit(message)
    # At least 20 of each, so that every spelling of an id and every kind of NULL is there at any scale.
    rows = (HERE / "data.sql").read_text("utf-8")
    for name, number in ROWS.items():
        rows = re.sub(rf"(?<!:):{name}\b", str(max(20, round(number * scale))), rows)
    return tables, rows.replace(":'token'", f"'{hashlib.sha256(token.encode()).hexdigest()}'"), marker + built_after


def create(database_url: str, scale: float, token: str) -> None:
    """Build and fill everything in one transaction, then ANALYZE; nothing is left if it fails."""
    with psycopg.connect(database_url.replace("postgresql+psycopg:", "postgresql:", 1)) as connection:
        if connection.execute("SELECT to_regclass('users')").fetchone() != (None,):
            raise SystemExit("this database has a table named users already: give me an empty one")
        connection.execute("SET LOCAL client_min_messages = warning")
        for part in statements(scale, token):
            connection.execute(part)
        connection.commit()
        connection.execute("ANALYZE users, journal_entries, tags, reminders")


def main() -> None:
    """Read the command line and the environment (DATABASE_URL, VIBES_TOKEN)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--create", action="store_true", required=True, help="create the schema and its rows")
    parser.add_argument("--database-url", default=os.environ.get("DATABASE_URL"), help="default: DATABASE_URL")
    parser.add_argument("--scale", type=float, default=1.0, help="1 = 1,000 users and 20,000 entries")
    options = parser.parse_args()
    if not options.database_url:
        parser.error("where? give --database-url or set DATABASE_URL")
    try:
        create(options.database_url, options.scale, os.environ.get("VIBES_TOKEN", DEMO_TOKEN))
    except psycopg.Error as error:
        sys.exit(f"vibes was not created: {error}")


if __name__ == "__main__":
    main()
