"""What a log says of a target is enough to know why it is not good."""

from rollproof.fleet.progress import Progress
from rollproof.verdict.fleet.target_outcome import TargetOutcome


def told(*sentences):
    lines = []
    progress = Progress(len(sentences), lines.append)
    for sentence in sentences:
        progress.ended(TargetOutcome("acme", "db:5432", "INCONCLUSIVE", 7, sentence))
    return lines


def test_a_reason_that_begins_a_list_is_told_with_what_it_names():
    many = "this could not be read:\n" + "\n".join(f"- public.t{i}" for i in range(5))
    assert told("it is gone\nmore of it", "could not be read:\n- public.a: GRANT SELECT", "nothing else:", many) == [
        "acme: INCONCLUSIVE: it is gone",
        "acme: INCONCLUSIVE: could not be read: public.a: GRANT SELECT",
        "acme: INCONCLUSIVE: nothing else:",
        "acme: INCONCLUSIVE: this could not be read: public.t0; public.t1; public.t2; and 2 more lines",
    ]
