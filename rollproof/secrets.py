"""What must appear in no output: passwords and tokens, in every spelling they may take."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus, unquote, urlsplit

_SHORTEST = 3  # a shorter secret cannot be told from ordinary text; blanking each "a" would blank the report
_IN_PAIRS = re.compile(r"(?:^|[?&\s])(?:password|passfile|sslpassword)\s*=\s*('(?:[^'\\]|\\.)*'|[^&\s]*)")


@dataclass(frozen=True)
class Secrets:
    """A set of secrets that hides them in any text."""

    words: frozenset[str] = field(repr=False)

    def hide(self, text: str) -> str:
        """Return the text with every secret replaced by `***`, longest first."""
        for word in sorted(self.words, key=len, reverse=True):
            text = text.replace(word, "***")
        return text


def secrets_in(urls: Iterable[str], environment: Mapping[str, str], others: Iterable[str] = ()) -> Secrets:
    """Return the passwords in database URLs, even malformed ones, in PGPASSWORD, and other secret words."""
    found = [*others, environment.get("PGPASSWORD", "")]
    for url in urls:
        found += _passwords(url)
    spellings = {form for word in found for form in (word, unquote(word), quote(word, safe=""), quote_plus(word))}
    return Secrets(frozenset(word for word in spellings if len(word) >= _SHORTEST))


def _passwords(url: str) -> list[str]:
    """Look by pattern, not by parser: the URL that no parser takes is the one whose error message would quote it."""
    _, _, rest = url.rpartition("://")
    account, at, _ = rest.rpartition("@")
    colon = account.partition(":")[2] if at else ""
    quoted = [found.strip("'") for found in _IN_PAIRS.findall(url)]
    pairs = [*quoted, *(re.sub(r"\\(.)", r"\1", found) for found in quoted)]  # libpq takes a backslash for an escape
    return [colon, *colon.split(), *pairs, *(part for pair in pairs for part in pair.split())]


def without_password(url: str) -> str:
    """Return an http(s) URL as it may be shown: no user, no query."""
    parts = urlsplit(url)
    return parts._replace(
        netloc=parts.netloc.rpartition("@")[2], query="…" if parts.query else "", fragment=""
    ).geturl()
