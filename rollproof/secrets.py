"""What must appear in no output: passwords and tokens, in every spelling they may take."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus, unquote, urlsplit

_SHORTEST = 3  # a shorter secret cannot be told from ordinary text; blanking each "a" would blank the report
_IN_PAIRS = re.compile(r"(?:^|[?&\s])(?:password|passfile|sslpassword)\s*=\s*('(?:[^'\\]|\\.)*'|[^&\s]*)")


# Where a credential stands: in a URL before the @, after a keyword of libpq's or SQL's, in a header.
_PLACES = (
    r"(?P<before>:)(?:{words})(?=@)",
    r"(?i:(?P<before>(?:passw(?:or)?d|passfile|token|secret)(?:=['\"]*|\s*[=:]?\s*['\"]+)|bearer\s))(?:{words})(?!\w)",
)


@dataclass(frozen=True)
class Secrets:
    """A set of secrets that hides them, in any text or where a credential stands.

    A password may be a name as well (`orders`, `postgres`), so what is told of the catalogue, and statements made of it, must
    not lose every such word; nobody who reads the catalogue is told a secret by it. What drivers, other programs and the
    command line say may quote the secret itself, anywhere.
    """

    words: frozenset[str] = field(repr=False)

    def hide(self, text: str) -> str:
        """Return what a driver, a program or the command line said with every secret replaced by `***`, longest first."""
        for word in self._longest_first:
            text = text.replace(word, "***")
        return text

    def hide_credentials(self, text: str) -> str:
        """Return what is told of a database with the secrets replaced that stand where a credential does."""
        if not self.words:
            return text
        words = "|".join(map(re.escape, self._longest_first))
        for place in _PLACES:
            text = re.sub(place.format(words=words), r"\g<before>***", text)
        return text

    @property
    def _longest_first(self) -> list[str]:
        return sorted(self.words, key=len, reverse=True)


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
