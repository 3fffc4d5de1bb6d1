"""The targets that `--targets` or `--each-schema` names: each under a name of its own, and none twice."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from rollproof.fleet.entries import Entry, entries
from rollproof.fleet.schemas import schemas_like
from rollproof.fleet.service_files import Services, services
from rollproof.fleet.target import HERE, FleetTarget, file_name, same_file
from rollproof.model.errors import Misuse
from rollproof.server.connection import Target
from rollproof.settings.options import Settings

_LONGEST = 200  # bytes of a file name, without its ending


def targets(named: str, settings: Settings, environment: Mapping[str, str]) -> tuple[FleetTarget, ...]:
    """Return the targets that `--targets` names, in its order.

    Raises `Misuse` in one sentence, without a secret, and `Inconclusive` if a database that lists them cannot be asked.
    """
    found = tuple(entries(named, environment, settings))
    if not found:
        shown = named.partition(":")[0] + ": the query returned no row" if named.startswith("sql:") else named
        raise Misuse(f"--targets {shown}: the list is empty, so nothing would be proved; write one database URL a line")
    return distinct(found, environment)


def schema_targets(pattern: str, settings: Settings, recorded: Iterable[str]) -> tuple[FleetTarget, ...]:
    """Return each schema of the database that is like the pattern, and each that was there when the baseline was taken.

    One that is gone is a target, too: it would be missed by nobody else. Raises as `targets` does.
    """
    url = settings.database_url or ""
    found = sorted({*schemas_like(pattern, settings), *recorded})
    if not found:
        raise Misuse(f"--each-schema {pattern}: neither the database nor the reference has such a schema")
    server = server_of(Target.parse(url).parameters)
    return tuple(FleetTarget(file_name(schema), url, schema, server) for schema in found)


def distinct(found: Sequence[Entry], environment: Mapping[str, str]) -> tuple[FleetTarget, ...]:
    """Return the entries as targets. Raises `Misuse` if two are of one database, or would have one name."""
    known = services(environment) if any("service" in each.url for each in found) else {}
    places = [_place(each, known, environment) for each in found]
    _require_once(found, places)
    names = _names(found, places)
    _require_names(found, names)
    return tuple(
        FleetTarget(name, each.url, each.schema, server_of(place), queries=each.queries)
        for name, each, place in zip(names, found, places, strict=True)
    )


def _place(entry: Entry, known: Services, environment: Mapping[str, str]) -> dict[str, str]:
    """Return where the database of an entry is, with what a service and the environment say of it."""
    try:
        typed = Target.parse(entry.url).parameters
    except Misuse as error:
        raise Misuse(f"{entry.where}: {error}") from error
    service = typed.get("service") or environment.get("PGSERVICE", "")
    ours = {name: environment[variable] for name, variable in _VARIABLES if environment.get(variable)}
    if service and service not in known:
        return ours | typed  # of LDAP, or of a file that only a worker has
    told = {name: value for name, value in known.get(service, {}).items() if name in dict(_VARIABLES)}
    return ours | told | typed


_VARIABLES = (
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("port", "PGPORT"),
    ("dbname", "PGDATABASE"),
    ("user", "PGUSER"),
)


def server_of(place: Mapping[str, str]) -> str:
    """Return what the sessions of a place are counted by."""
    host = _host(place)
    if "service" in place and not host:
        return f"service {place['service']}"
    return f"{'localhost' if host in HERE else host}:{place.get('port', '5432')}"


def _host(place: Mapping[str, str]) -> str:
    return (place.get("hostaddr") or place.get("host", "")).lower()


def _database(place: Mapping[str, str]) -> str:
    return place.get("dbname") or place.get("service") or place.get("user", "")


def _require_once(found: Sequence[Entry], places: Sequence[Mapping[str, str]]) -> None:
    met: dict[tuple[str, str, str | None], Entry] = {}
    for each, place in zip(found, places, strict=True):
        first = met.setdefault((server_of(place), _database(place), each.schema), each)
        if first is not each:
            raise Misuse(
                f"{each.where} is the same target as {first.where}: {_database(place)} on {server_of(place)}; "
                "take one of them out of the list"
            )


def _names(found: Sequence[Entry], places: Sequence[Mapping[str, str]]) -> list[str]:
    """Return a name for each: the one it was given, else that of its database, with host and port where that is not unique."""
    names = [each.name or _database(place) for each, place in zip(found, places, strict=True)]
    for more in ("@{host}", "@{host}_{port}"):
        times = Counter(map(same_file, names))
        names = [
            name
            if each.name or times[same_file(name)] == 1
            else _database(place) + more.format(host=_host(place) or "localhost", port=place.get("port", "5432"))
            for name, each, place in zip(names, found, places, strict=True)
        ]
    return [file_name(name) for name in names]


def _require_names(found: Sequence[Entry], names: Sequence[str]) -> None:
    met: dict[str, Entry] = {}
    for each, name in zip(found, names, strict=True):
        if not name or len(name.encode("utf-8", "surrogateescape")) > _LONGEST:
            what = "has no name of its own" if not name else f"has a name of more than {_LONGEST} bytes"
            raise Misuse(f"{each.where} {what}: write a name beside the URL")
        first = met.setdefault(same_file(name), each)
        if first is not each:
            raise Misuse(
                f"{each.where} and {first.where} would both be called {name}, and each name is a file: "
                "write another name beside one of them"
            )
