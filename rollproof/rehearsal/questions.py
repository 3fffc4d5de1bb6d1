"""Whether a command asked a question: nobody can answer in a rehearsal, and what it reads is empty."""

import re

_PROMPT = re.compile(r"\S.*(?:\?|:|>|\]|\)|…|\.\.\.)[ \t]*\Z")
_ASKS = re.compile(
    r"\?|\[(?:y|n|yes|no)\b.*\]|\((?:y|n|yes|no)\b.*\)|\bpassword\b.*:|'yes'|\"yes\"|\bconfirm", re.IGNORECASE
)
_UNANSWERED = re.compile(
    r"EOFError|EOF when reading|end of (?:file|input) reached|unattended|non-?interactive|not a (?:tty|terminal)"
    r"|no tty|inappropriate ioctl|no password supplied",
    re.IGNORECASE,
)
_GIVEN_UP = re.compile(r"(?:^\s*|\.)Abort(?:ed)?[.!]?\s*$", re.IGNORECASE | re.MULTILINE)
_LAST = 5  # lines at the end in which a command says that there was no answer


def question(said: str, *, ended_well: bool) -> str:
    """Return the question that a command asked at the end of what it `said`; "" if it asked none.

    One that is the very last thing said, without the end of a line, waits for its answer. Of a command that failed, what it
    says of the missing answer tells; the question stands before it.
    """
    lines = said.rstrip().splitlines()
    if lines and not said.endswith("\n") and _PROMPT.search(lines[-1]) and _ASKS.search(lines[-1]):
        return lines[-1].strip()
    end = "\n".join(lines[-_LAST:])
    unanswered, given_up = _UNANSWERED.search(end), _GIVEN_UP.search(end)
    if ended_well or not (unanswered or given_up):
        return ""
    asking = [line.partition("Traceback (most")[0] for line in lines if not line.startswith("  ")]
    asking = [line.strip() for line in asking if _ASKS.search(line) and not _UNANSWERED.search(line)]
    return asking[-1] if asking else lines[-1].strip() if unanswered else ""
