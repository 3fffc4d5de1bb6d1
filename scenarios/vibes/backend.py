"""The backend of vibes, small but real: `python backend.py --database-url URL --port N` (0: a free port, printed).

`/health` asks the database and answers 503 when it cannot; `/api/v1/users/me` answers the bearer token's user or 401. A token of
a user's own works, and so does one that `/api/v1/login` gives for it, as long as this process lives.
It listens on the loopback address only, does not care whether ids are varchar or uuid, and ends at SIGTERM.
"""

import argparse
import hashlib
import os
import secrets
import signal
import socket
from typing import Any

import uvicorn
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

LOOPBACK = "127.0.0.1"
SECONDS_FOR_A_QUERY = 2
MOST_SESSIONS = 1000

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
    """Return the three endpoints."""
    backend = Backend(pool)
    return Starlette(
        routes=[
            Route("/health", backend.health),
            Route("/api/v1/login", backend.login, methods=["POST"]),
            Route("/api/v1/users/me", backend.me),
        ]
    )


class Backend:
    """Answers requests; what is synchronous Starlette runs in threads."""

    def __init__(self, pool: Engine) -> None:
        self._pool = pool
        self._sessions: dict[str, str] = {}  # the token of a session → the digest of the user's own

    def health(self, _request: Request) -> JSONResponse:
        """Answer whether the tables can be read."""
        try:
            self._ask(HEALTH)
        except SQLAlchemyError as error:
            problem = type(error.__cause__ or error).__name__  # the message itself could name hosts and users
            return JSONResponse({"status": "unavailable", "database": problem}, status_code=503)
        return JSONResponse({"status": "ok", "database": "ok"})

    async def login(self, request: Request) -> JSONResponse:
        """Answer a user's own token with that of a new session."""
        try:
            own = str((await request.json())["token"])
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"error": 'a JSON object, please: {"token": "your own"}'}, status_code=400)
        digest = hashlib.sha256(own.encode()).hexdigest()
        user, refusal = await run_in_threadpool(self._known, digest)
        if user is None:
            return JSONResponse(*refusal)
        if len(self._sessions) >= MOST_SESSIONS:
            self._sessions.pop(next(iter(self._sessions)))
        self._sessions[session := secrets.token_urlsafe()] = digest
        return JSONResponse({"access_token": session, "token_type": "bearer"})

    def me(self, request: Request) -> JSONResponse:
        """Answer who the bearer of a token is."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return JSONResponse({"error": "a bearer token, please"}, 401, {"WWW-Authenticate": "Bearer"})
        user, refusal = self._known(self._sessions.get(token) or hashlib.sha256(token.encode()).hexdigest())
        return JSONResponse(user | {"created_at": user["created_at"].isoformat()}) if user else JSONResponse(*refusal)

    def _known(self, token_sha256: str) -> tuple[dict[str, Any] | None, tuple[Any, ...]]:
        """Return the user of a token, or None; and what is answered where there is none, or nobody can tell."""
        try:
            user = self._ask(ME, token_sha256=token_sha256)
        except SQLAlchemyError:
            return None, ({"error": "the database does not answer"}, 503)
        return user, ({"error": "nobody has this token"}, 401, {"WWW-Authenticate": "Bearer"})

    def _ask(self, question: Any, **parameters: str) -> dict[str, Any] | None:
        with self._pool.connect() as connection:
            connection.execute(text(f"SET LOCAL statement_timeout = '{SECONDS_FOR_A_QUERY}s'"))
            row = connection.execute(question, parameters).mappings().first()
            return dict(row) if row else None


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
