"""Dumps restored: by psql or pg_restore, with no command of theirs obeyed on this machine."""

import contextlib
import os
import re
import secrets
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from types import MappingProxyType

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.facets import facets
from rollproof.server.pg_binaries import major_of as of_program
from rollproof.server.pg_binaries import pg_dump
from rollproof.settings.dump_format import TAIL, Dump, blocks, no_use
from rollproof.system.deadline import NEVER, Deadline
from rollproof.throwaway.dump_owner import NEEDS_MORE, TRUST, temporary_owner
from rollproof.throwaway.servers.server import Server, shown

NOT_HELD: Mapping[str, str] = MappingProxyType({facet: row.restored for facet, row in facets().items() if row.restored})
"""The facets that a restored dump cannot speak for, each with the reason."""

DAMAGE = re.compile(
    "could not read from|end of file|uncompress|decompress|corrupt|magic|could not find (header|block|entry)|could not (open|close)"
    "|unexpected|invalid|archive|syntax error|missing data|extra data|No such file",
    re.IGNORECASE,
)
_RESTRICTING = {13: 22, 14: 19, 15: 14, 16: 10, 17: 6, 18: 0}  # releases from which on psql knows \\restrict
_NOT_OBEYED = "backslash commands are restricted"
# Owners and privileges are not held; a plain dump names them all the same.
MISSING_ROLE = re.compile(
    r'ERROR:\s+(?:role "(?:[^"]|"")*" does not exist|must be (?:member of role|able to SET ROLE) '
    r"|permission denied to change default privileges|must be owner of extension plpgsql)"
)


def restore(dump: Dump, server: Server, database: str, deadline: Deadline = NEVER, *, trusted: bool = False) -> None:
    """Restore into an empty database of the server, without owners and privileges; only if it is `trusted` as a superuser.

    Raises `Misuse` if the dump is damaged or newer than the server, `Inconclusive` if the server lacks what it needs.
    """
    if trusted:
        _fill(dump, server, server.dsn(database), deadline)
        return
    with temporary_owner(server, database) as url:
        _fill(dump, server, url, deadline)


def _fill(dump: Dump, server: Server, url: str, deadline: Deadline) -> None:
    if dump.form == "plain":
        _judge(dump, *fed(dump, server, url, deadline))
        return
    where, environment = _place(url)
    program = found_program("pg_restore", server)
    require_version(dump, major_of(program, dump), server)
    options = ("--no-owner", "--no-privileges", "--no-tablespaces", "--no-security-labels", "--no-subscriptions")
    _judge(dump, *_run([program, *options, "-d", where, str(dump.path)], environment, deadline=deadline))


def fed(dump: Dump, server: Server, url: str, deadline: Deadline) -> tuple[int, str, str]:
    """Feed a plain dump to psql; return the exit code, what psql wrote, and its complaints.

    Raises `Misuse` if the dump is newer than the server, or holds commands for psql, none of which is obeyed.
    """
    where, environment = _place(url)
    require_version(dump, _dumped_from(next(blocks(dump)).decode("utf-8", "replace")), server)
    psql = found_program("psql", server)
    _require_restricting(psql, environment)
    word = secrets.token_hex(16)  # which nobody who wrote the dump knows, so no line of it ends the restriction
    text = chain([f"\\restrict {word}\n".encode()], blocks(dump))
    code, said, trouble = _run([psql, "-X", "-q", "-d", where], environment, text, deadline)
    its_own = len(re.findall(rb"^\\restrict \w+$", next(blocks(dump))[:TAIL], re.MULTILINE))
    if trouble.count(_NOT_OBEYED) > min(its_own, 1):
        raise no_use(dump.path, "it holds commands for psql, which pg_dump never writes; they were not obeyed")
    return code, said, trouble


def major_at(dump: Dump) -> int | None:
    """Return the major version that a dump is of; None if it cannot be told."""
    if dump.form == "plain":
        return _dumped_from(next(blocks(dump)).decode("utf-8", "replace")) or None
    program = shutil.which("pg_restore")
    if program is None:
        return None
    _, text, _ = _run([program, "-l", str(dump.path)], {**os.environ, "LC_ALL": "C"})
    return _dumped_from(text) or None


def definitions(dump: Dump, server: Server) -> str:
    """Return all that is in an archive but its rows, as SQL, with what makes the database.

    Raises `Misuse` if the archive is damaged, or newer than the server.
    """
    program = found_program("pg_restore", server)
    require_version(dump, major_of(program, dump), server)
    code, text, trouble = _run(
        [program, "--create", "--schema-only", "-f", "-", str(dump.path)], {**os.environ, "LC_ALL": "C"}
    )
    if code:
        raise no_use(dump.path, f"the dump is damaged or cut short: {_first(trouble)}")
    return text


def _place(url: str) -> tuple[str, dict[str, str]]:
    """Return how a program connects, but for the password, and its environment, which has that."""
    parameters = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    environment = {key: value for key, value in os.environ.items() if key not in ("PGCLIENTENCODING", "PGOPTIONS")}
    environment |= {"LC_ALL": "C", "PGPASSWORD": parameters.pop("password", "")}  # `ps` shows what is on a command line
    return make_conninfo(**parameters), environment


def _require_restricting(psql: str, environment: Mapping[str, str]) -> None:
    """Raise `Inconclusive` if this psql is so old that it obeys every command in a script (CVE-2025-8714)."""
    _, text, _ = _run([psql, "--version"], environment)
    found = re.search(r"(\d+)\.(\d+)", text)
    major, minor = (int(found[1]), int(found[2])) if found else (0, 0)
    if (major, minor) < (major, _RESTRICTING.get(major, 0 if major > max(_RESTRICTING) else minor + 1)):
        raise Inconclusive(
            f"{psql} is of {text.strip()}, which obeys commands in a dump, and could run programs here: use the "
            "latest release of its major version, or a dump in custom format (pg_dump -Fc)"
        )


def found_program(name: str, server: Server) -> str:
    """Return where one of PostgreSQL's programs is that fits a server. Raises `Inconclusive` if there is none."""
    beside = server.bindir / name if server.bindir else None
    found = str(beside) if beside and beside.is_file() else shutil.which(name)
    major = server.version // 10_000
    if (
        not (beside and beside.is_file())
        and found
        and (of_program(found) or 0) < major
        and (other := pg_dump(major, major))
    ):
        newer = other[0].with_name(name)  # not the first choice: the one in the wheel speaks no TLS
        found = str(newer) if newer.is_file() else found
    if not found:
        raise Inconclusive(
            f"to restore a dump takes {name}, and there is none beside {server.name} and none on the PATH\n"
            "either --server local (a PostgreSQL installed here), or --server embedded"
        )
    return found


def major_of(program: str, dump: Dump) -> int:
    """Return the major version that the dump is of, as its table of contents tells."""
    code, text, trouble = _run([program, "-l", str(dump.path)], {**os.environ, "LC_ALL": "C"})
    if "unsupported version" in trouble:
        raise Misuse(
            f"the dump {dump.path}: {_first(trouble)}\nit was made by a newer pg_dump than the pg_restore here; "
            "--server local:BINDIR names a newer one"
        )
    if code:
        raise no_use(dump.path, f"pg_restore cannot read its table of contents: {_first(trouble)}")
    return _dumped_from(text)


def _dumped_from(text: str) -> int:
    found = re.search(r"Dumped from database version:? (\d+)", text)
    return int(found[1]) if found else 0


def require_version(dump: Dump, major: int, server: Server) -> None:
    """Raise `Misuse` if a dump is of a newer PostgreSQL than the server."""
    if major > server.version // 10000:
        raise Misuse(
            f"the dump {dump.path} is of PostgreSQL {major}, and the throw-away server is {shown(server.version)}; "
            "--server names a newer one"
        )


def _run(
    command: list[str], environment: Mapping[str, str], text: Iterable[bytes] = (), deadline: Deadline = NEVER
) -> tuple[int, str, str]:
    """Run a program that reads `text`; return its exit code, what it wrote, and its complaints. At the deadline it is killed."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as trouble:
        running = subprocess.Popen(  # noqa: S603 (PostgreSQL's own programs)
            command, env=dict(environment), stdin=subprocess.PIPE, stdout=out, stderr=trouble
        )
        with _killed_at(deadline, running), running, contextlib.suppress(BrokenPipeError):  # it gave up, and says why
            if running.stdin:
                running.stdin.writelines(text)
                running.stdin.close()
        if running.returncode:
            deadline.require()
        out.seek(0)
        trouble.seek(0)
        said, complaints = (file.read().decode("utf-8", "replace") for file in (out, trouble))
        return running.returncode, said, complaints


@contextlib.contextmanager
def _killed_at(deadline: Deadline, running: "subprocess.Popen[bytes]") -> Iterator[None]:
    timer = threading.Timer(max(0, deadline.left), running.kill)
    timer.daemon = True
    if deadline.left < threading.TIMEOUT_MAX:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _judge(dump: Dump, code: int, _: str, trouble: str) -> None:
    """Raise for the errors of a restore, but for roles that do not exist: owners are not compared."""
    lines = [
        line
        for line in trouble.splitlines()
        if re.search(r"ERROR:|FATAL:|error:", line) and not MISSING_ROLE.search(line)
    ]
    lines = [line for line in lines if "errors ignored on restore" not in line]
    if damage := [line for line in lines if DAMAGE.search(line)]:
        raise no_use(dump.path, f"the dump is damaged or cut short: {_first(damage[0])}")
    if needing := [line for line in lines if NEEDS_MORE.search(line)]:
        raise Inconclusive(f"the dump {dump.path}: {_first(needing[0])}\n{TRUST}")
    if lines or (code and not MISSING_ROLE.search(trouble)):
        raise Inconclusive(
            f"the dump {dump.path} could not be restored: {_first(lines[0] if lines else trouble)}\n"
            "if an extension is missing, --server names a server that has it"
        )


def _first(trouble: str) -> str:
    return (
        re.sub(r"^\S*(pg_restore|psql)(:<stdin>:\d+)?: ", "", trouble.strip().partition("\n")[0]) or "it says nothing"
    )
