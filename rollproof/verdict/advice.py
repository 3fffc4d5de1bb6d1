"""What to do about findings, in words, where no statement repairs them. Pure."""

from collections.abc import Sequence

from rollproof.model.finding import Finding
from rollproof.model.plain_text import SHOWN

BACKUP = (
    "to recover without a usable backup: restore the original elsewhere (pg_restore of a dump, or a base backup up to the moment "
    "before the migration) and copy the tables from there; or create the original schema again from the application's own "
    "definitions and load the rows from what is left; then verify with the baseline as the reference"
)
UNFINISHED = "to repair: run the rollback again; it must take these tables too, and none may be left as it is"
LEFT_BEHIND = "drop what was left behind only when you are sure that nobody needs it"


def suggestions(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return what to do about these findings, a sentence for each kind of them."""
    checks = {finding.check for finding in findings}
    found = [BACKUP] if checks & {"backup", "backup_content", "backup_columns"} else []
    if "table_states" in checks:
        found.append(f"{UNFINISHED}: {', '.join(finding.subject for finding in findings[:SHOWN])}")
    if "leftovers" in checks:
        found.append(LEFT_BEHIND)
    return tuple(found)
