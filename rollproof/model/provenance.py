"""What was compared with what, when, and by whom: one value that every report shows. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from rollproof.model.timestamps import in_words, read, shown

SHORT = 12  # hexadecimal digits of a SHA-256 that a person compares at a glance

THROW_AWAY = "a throw-away "
"""How the note begins about a database that is gone when its run is over."""

Told = tuple[tuple[str, str], ...]  # words and what stands beside them


def in_digits(version: int) -> str:
    """Return a server's version (150018) as people write it: 15.18; "" for none."""
    return f"{version // 10_000}.{version % 10_000}" if version else ""


@dataclass(frozen=True)
class DatabaseFacts:
    """A database as it was asked: where it is, what it is, and at which instants by its own clock; "" is not known.

    `host` and `port` are what we connected to, `server` what the server takes for its own address. `note` is a word about it.
    """

    database: str = ""
    host: str = ""
    port: str = ""
    server: str = ""
    version: str = ""
    system: str = ""
    standby: bool | None = None
    session_role: str = ""
    role: str = ""
    instants: tuple[str, ...] = ()
    note: str = ""

    def __str__(self) -> str:
        kind = {True: "a standby", False: "a primary", None: ""}[self.standby]
        others = f" and {len(self.instants) - 1} later" if len(self.instants) > 1 else ""
        seen = f"as of {shown(self.instants[0])}{others}" if self.instants else ""
        version = self.version and f"PostgreSQL {self.version}"
        return ", ".join(filter(None, [version, kind, seen, self.note]))

    @property
    def is_gone(self) -> bool:
        """Whether it was made for one run: nobody can ask it again."""
        return self.note.startswith(THROW_AWAY)

    def facts(self) -> Iterator[tuple[str, str]]:
        """Yield what is known as property and value."""
        yield from (
            ("database", self.database),
            ("host", self.host),
            ("port", self.port),
            ("server", self.server),
            ("server_version", self.version),
            ("system", self.system),
            ("standby", "" if self.standby is None else str(self.standby).lower()),
            ("session_role", self.session_role),
            ("role", self.role),
            ("instant", " ".join(map(shown, self.instants))),
            ("note", self.note),
        )


@dataclass(frozen=True)
class Age:
    """How long before the subject's instant the reference was taken, in seconds; None: nobody can tell.

    It is `approximate` where two servers' clocks tell the two times: of another cluster, or one that nobody can name.
    """

    seconds: float | None
    approximate: bool

    @classmethod
    def between(cls, taken: str, now: str, *, one_clock: bool) -> "Age":
        """Return the age at `now` of what was `taken`; both as the server printed them."""
        then, here = read(taken), read(now)
        return cls(None if then is None or here is None else (here - then).total_seconds(), not one_clock)

    def __str__(self) -> str:
        if self.seconds is None:
            return "of unknown age"
        about = "about " if self.approximate else ""
        if self.seconds < 0:
            return f"{about}{in_words(self.seconds)} LATER than the database's own clock"
        return f"{about}{in_words(self.seconds)} earlier"


@dataclass(frozen=True)
class ReferenceFacts:
    """What the subject was held against; of a baseline also how old it is, its seal, and which rollproof took it.

    `kind` is a baseline, a database, copies, a dump, or nothing; `where` its path as named, its address or its schema.
    `signed` is yes, no or not checked; `by` is the operating system's user who took it, and where.
    """

    kind: str
    where: str
    path: str = ""
    source: DatabaseFacts = DatabaseFacts()
    age: Age | None = None
    sha256: str = ""
    signed: str = ""
    by: str = ""
    tool: str = ""

    def __str__(self) -> str:
        if self.kind != "baseline":
            return ", ".join(filter(None, [self.where, str(self.source)]))
        taken = shown(self.source.instants[0]) if self.source.instants else ""
        origin = self.source.version and f"of PostgreSQL {self.source.version}"
        host = self.source.host and f"on {self.source.host}"
        words = [
            taken and f"taken {taken}, {self.age or 'of unknown age'}",
            " ".join(filter(None, [origin, host])),
            {"yes": "signed", "no": "not signed", "not checked": "signature not checked"}.get(self.signed),
            self.sha256 and f"SHA-256 {self.sha256[:SHORT]}…",
        ]
        return ": ".join(filter(None, [self.where, ", ".join(filter(None, words))]))

    def facts(self) -> Iterator[tuple[str, str]]:
        """Yield what is known as property and value."""
        yield "kind", self.kind
        yield ("path", self.path) if self.kind == "baseline" else ("where", self.where)
        if self.kind == "baseline":
            yield "taken", shown(self.source.instants[0]) if self.source.instants else ""
            yield "age", str(self.age or "of unknown age")
            yield "age_seconds", "" if self.age is None or self.age.seconds is None else f"{self.age.seconds:.0f}"
            yield "sha256", self.sha256
            yield "signed", self.signed
            yield "by", self.by
            yield "tool", self.tool
        yield from (
            (name, value) for name, value in self.source.facts() if (name, self.kind) != ("instant", "baseline")
        )


@dataclass(frozen=True)
class Client:
    """Who ran it and how: the operating system's user and host, the versions, what was set, and from when to when.

    `options` are the settings that are not the defaults, as they would be typed, without secrets.
    """

    user: str = ""
    host: str = ""
    rollproof: str = ""
    python: str = ""
    pytest: str = ""
    configuration: str = ""
    options: tuple[str, ...] = ()
    started: str = ""
    ended: str = ""

    def __str__(self) -> str:
        return f"{self.user}@{self.host}"

    def facts(self) -> Iterator[tuple[str, str]]:
        """Yield what is known as property and value."""
        yield from (
            ("user", self.user),
            ("host", self.host),
            ("rollproof", self.rollproof),
            ("python", self.python),
            ("pytest", self.pytest),
            ("configuration", self.configuration),
            ("options", " ".join(self.options)),
            ("started", self.started),
            ("ended", self.ended),
        )


@dataclass(frozen=True)
class Provenance:
    """The subject, what it was held against, and who did it; `address` is the subject's without a password."""

    address: str
    subject: DatabaseFacts
    reference: ReferenceFacts
    client: Client

    @property
    def head(self) -> Told:
        """What stands at the top of every report: three lines, as far as they are known."""
        role = self.subject.role and f" as role {self._role}"
        lines = (
            ("Database", ": ".join(filter(None, [self.address, str(self.subject)]))),
            ("Reference", str(self.reference)),
            ("Run by", self.client.user and f"{self.client}{role}, {self.client.started} to {self.client.ended}"),
        )
        return tuple((word, text) for word, text in lines if text)

    @property
    def details(self) -> Told:
        """All that is known, as properties: `subject.host`, `reference.sha256`, `run.user`."""
        parts = (("subject", self.subject), ("reference", self.reference), ("run", self.client))
        return tuple((f"{part}.{name}", value) for part, of in parts for name, value in of.facts() if value)

    @property
    def _role(self) -> str:
        session, now = self.subject.session_role, self.subject.role
        return now if session == now else f"{now} (logged in as {session})"


NOTHING = ReferenceFacts("nothing", "")
NOWHERE = Provenance("", DatabaseFacts(), NOTHING, Client())
"""Of a report about nothing that is known."""
