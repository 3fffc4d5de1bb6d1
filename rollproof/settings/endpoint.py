"""One `[[endpoints]]` of `rollproof.toml`: a question to the application, and what a healthy answer to it is."""

import re
from typing import Any
from urllib.parse import urlsplit

import msgspec


class Endpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question to the application, and what a healthy answer to it is.

    `max_seconds` spans the whole exchange, from looking up the host to the last byte. `required_keys` are keys of the
    JSON object in the answer, nested ones with dots (`data.user.id`). `url` and the values of `headers` may hold
    `${VAR}` until `expand` fills it in. Raises `ValueError`, which msgspec turns into an error that names the place.
    """

    name: str
    url: str
    status: int = 200
    max_seconds: float = 1.0
    required_keys: tuple[str, ...] = ()
    headers: dict[str, str] = {}

    def __post_init__(self) -> None:
        """Refuse what could not be asked; no text here quotes a URL or a header's value."""
        fault = url_fault(self.url)
        faults = {
            "its name is empty or not printable": not self.name.strip() or not self.name.isprintable(),
            f"its url {fault}": fault and "${" not in self.url,
            "its status is no number from 100 to 599": not 100 <= self.status <= 599,  # noqa: PLR2004 (HTTP's range)
            "its max_seconds is not more than 0 and at most an hour": not 0 < self.max_seconds <= 3600,  # noqa: PLR2004
            "its required_keys hold an empty key": not all(all(key.split(".")) for key in self.required_keys),
        }
        if found := "; ".join(each for each, is_so in faults.items() if is_so):
            raise ValueError(f"endpoint {self.name!r}: {found}")

    def __repr__(self) -> str:
        """Show neither the query nor the headers' values: they may be secrets."""
        return f"<Endpoint {self.name!r} status={self.status} headers={sorted(self.headers)}>"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Override msgspec's, which shows every field."""
        return [("name", self.name)]


def url_fault(url: str) -> str:
    """Return what is wrong with a URL, or nothing; without quoting it, for it may hold a password."""
    try:
        parts = urlsplit(url)
        parts.port, (parts.hostname or "").encode("idna")  # both raise ValueError for what cannot be right
    except ValueError:
        return "has a host or port that cannot be read"
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"\$\{|[\s\x00-\x1f\x7f]", url):
        return "is not http:// or https://, a host and a path, without blanks and with every ${VARIABLE} filled in"
    if "@" in parts.path + parts.fragment:
        return "holds an @ after the host: write it as %40, and in a password / ? # as %2F %3F %23"
    return ""
