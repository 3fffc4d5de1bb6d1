"""The name of a schema that stands for a target, taken out of what is told of it, so that what is alike reads alike. Pure.

Names are read as SQL's tokens: a schema called `a` takes nothing from `data`, and `"Te nant".x` is found as it is quoted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from rollproof.model.finding import Finding
from rollproof.model.names import sql_name, tokens, typed, unquoted

STAND_IN = '"{schema}"'
"""What stands in place of the name: itself a name, as whatever reads findings wants one."""
SHOWN = "{schema}"
"""The same as people read it."""
_BEFORE = {"schema", "in schema"}  # words before a schema's name that stands alone
_TEXT = re.compile(r"(?P<open>[eE]?'|\$\w*\$)(?P<inner>.*)(?P<close>'|\$\w*\$)", re.DOTALL)


@dataclass(frozen=True)
class SchemaName:
    """A schema by its `raw` name."""

    raw: str

    def out_of(self, text: str) -> str:
        """Return a text with `STAND_IN` wherever this schema is named: before a dot, after SCHEMA, alone, before its kind."""
        if self.raw not in text and sql_name(self.raw) not in typed(text):
            return text
        if text == sql_name(self.raw) or text.startswith(f"{sql_name(self.raw)} ("):
            return STAND_IN + text.removeprefix(sql_name(self.raw))
        return "".join(self._told(text))

    def out_of_finding(self, finding: Finding) -> Finding:
        """Return a finding that speaks of no such schema."""
        subject = self.out_of(finding.subject)
        said = finding.sentence.removeprefix(finding.subject)  # a sentence is prose, and this part of it is a name
        return replace(
            finding,
            subject=subject,
            expected=finding.expected and self.out_of(finding.expected),
            actual=finding.actual and self.out_of(finding.actual),
            sentence=(subject if said != finding.sentence else "") + self.out_of(said),
        )

    def _told(self, text: str) -> Iterator[str]:
        known, before, word = [*tokens(text), ("", "")], "", ""
        for (kind, token), (_, following) in pairwise(known):
            if kind == "other":
                yield self._inside(token)
            elif (
                kind in ("word", "quoted")
                and self._is_named(token)
                and before != "."
                and self._is_schema(following, word)
            ):
                yield STAND_IN
            else:
                yield token
            word = token.lower() if kind == "word" else word if token.isspace() else ""
            before = token

    def _is_named(self, token: str) -> bool:
        return unquoted(typed(token)) == self.raw

    @staticmethod
    def _is_schema(following: str, word: str) -> bool:
        return following == "." or word in _BEFORE

    def _inside(self, text: str) -> str:
        """Return a string, or the body of a function, in which names stand as well: `nextval('tenant_7.orders_id_seq')`."""
        found = _TEXT.fullmatch(text)
        return f"{found['open']}{self.out_of(found['inner'])}{found['close']}" if found else text
