"""The backend of vibes, small but real: `python backend.py --database-url URL --port N` (0: a free port, printed).

`/health` asks the database and answers 503 when it cannot; `/api/v1/users/me` answers the bearer token's user or 401.
It listens on the loopback address only, does not care whether ids are varchar or uuid, and ends at SIGTERM.
"""

import argparse
import hashlib
import os
import signal
import socket
from typing import Any

import uvicorn
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

LOOPBACK = "127.0.0.1"
SECONDS_FOR_A_QUERY = 2

HEALTH = text("SELECT EXISTS (SELECT FROM users) AS has_users, EXISTS (SELECT FROM journal_entries) AS has_entries")
ME = text("""
    SELECT u.id::text AS id, u.email, u.display_name, u.status::text AS status, u.created_at,
           (SELECT count(*) FROM journal_entries AS e WHERE e.user_id = u.id) AS entries
    FROM users AS u
    WHERE u.token_sha256 = :token_sha256
""")


def open_pool(database_url: str) -> Engine:
    """Return a pool of at most five connections that are tested before each use."""
    return create_engine(
        make_url(database_url).set(drivername="postgresql+psycopg"),
        pool_size=5,
        max_overflow=0,
        pool_timeout=SECONDS_FOR_A_QUERY,
        pool_pre_ping=True,
        # No prepared statements: they would outlive the tables that a migration replaces under us.
        connect_args={"connect_timeout": SECONDS_FOR_A_QUERY, "prepare_threshold": None, "application_name": "vibes"},
    )


def application(pool: Engine) -> Starlette:
    """Return the two endpoints; their functions are synchronous, so Starlette runs them in threads."""

    def ask(question: Any, **parameters: str) -> dict[str, Any] | None:
        with pool.connect() as connection:
            connection.execute(text(f"SET LOCAL statement_timeout = '{SECONDS_FOR_A_QUERY}s'"))
            row = connection.execute(question, parameters).mappings().first()
            return dict(row) if row else None

    def health(_request: Request) -> JSONResponse:
        try:
            ask(HEALTH)
        except SQLAlchemyError as error:
            problem = type(error.__cause__ or error).__name__  # the message itself could name hosts and users
            return JSONResponse({"status": "unavailable", "database": problem}, status_code=503)
        return JSONResponse({"status": "ok", "database": "ok"})

    def me(request: Request) -> JSONResponse:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return JSONResponse({"error": "a bearer token, please"}, 401, {"WWW-Authenticate": "Bearer"})
        try:
            user = ask(ME, token_sha256=hashlib.sha256(token.encode()).hexdigest())
        except SQLAlchemyError:
            return JSONResponse({"error": "the database does not answer"}, status_code=503)
        if user is None:
            return JSONResponse({"error": "nobody has this token"}, 401, {"WWW-Authenticate": "Bearer"})
        return JSONResponse(user | {"created_at": user["created_at"].isoformat()})

    return Starlette(routes=[Route("/health", health), Route("/api/v1/users/me", me)])


def serve(database_url: str, port: int) -> None:
    """Listen until SIGTERM or Ctrl-C; whatever thread still waits for the database then is not waited for."""
    listener = socket.create_server((LOOPBACK, port))
    print(f"http://{LOOPBACK}:{listener.getsockname()[1]}", flush=True)  # noqa: T201 - the port is the answer
    # uvicorn raises the signal again when it has shut down, and would die of it before it comes back to us.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    config = uvicorn.Config(application(open_pool(database_url)), log_level="warning", timeout_graceful_shutdown=0)
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        os._exit(0)  # a thread that waits for the database would otherwise hold us up


def main() -> None:
    """Read the command line and the environment (DATABASE_URL, PORT)."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database-url", default=os.environ.get("DATABASE_URL"), help="default: DATABASE_URL")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000), help="default: PORT or 8000")
    options = parser.parse_args()
    if not options.database_url:
        parser.error("which database? give --database-url or set DATABASE_URL")
    serve(options.database_url, options.port)


if __name__ == "__main__":
    main()
