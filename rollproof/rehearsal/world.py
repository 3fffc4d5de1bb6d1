"""The throw-away database that is rehearsed on: where tools find it, and its states, kept as templates and brought back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from psycopg.conninfo import conninfo_to_dict

from rollproof.throwaway.servers.server import Server, fresh_name

_PG = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}


@dataclass
class World:
    """A database on a throw-away server. A kept state is a database, too, that nobody connects to."""

    server: Server
    database: str = field(default_factory=fresh_name)
    _kept: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The database's address, as a superuser of the throw-away server, past every proxy."""
        return self.server.dsn(self.database)

    def keep(self) -> str:
        """Keep the database as it is; return what `bring_back` and `copy` call this state. Sessions are ended for it."""
        kept = fresh_name()
        self.server.create(kept, template=self.database)
        self._kept.append(kept)
        return kept

    def bring_back(self, kept: str) -> None:
        """Put the database into a state that was kept."""
        self.server.drop(self.database)
        self.server.create(self.database, template=kept)

    def copy(self, kept: str) -> str:
        """Return the URL of a new database that is in a state that was kept; `forget` drops it."""
        made = fresh_name()
        self.server.create(made, template=kept)
        self._kept.append(made)
        return self.server.dsn(made)

    def forget(self, kept: str) -> None:
        """Drop a state that was kept, or a copy of one, by its name."""
        self.server.drop(kept)
        self._kept.remove(kept)


def variables(url: str, env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables by which a tool finds a database: DATABASE_URL, libpq's own, and `env` with its placeholders filled."""
    known = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    named = {"url": url, "database": known.get("dbname", ""), **known}
    placed = {name: named.get(name, "") for name in ("url", "host", "port", "user", "password", "database")}
    own = {name: _filled(template, placed) for name, template in env.items()}
    libpq = {variable: known[name] for name, variable in _PG.items() if name in known}
    return {"DATABASE_URL": url, **libpq, **own}


def _filled(template: str, placed: Mapping[str, str]) -> str:
    for name, value in placed.items():
        template = template.replace(f"{{{name}}}", value)
    return template
