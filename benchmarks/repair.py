"""What the printed repair script makes of each planted change: healed, or what is left and whether the script says so.

For each change (tests/data/mutations) a copy of the base database is changed, `rollproof repair` prints its script, psql runs it
with ON_ERROR_STOP, and what differs then is asked again by the rules of a verification. Prints a table by the kinds of changes, and
each change that did not heal.

    uv run python benchmarks/repair.py                             all
    uv run python benchmarks/repair.py indexes 'default *' -v      a kind, or names; with script and reason
    uv run python benchmarks/repair.py --server embedded --without-pg-dump
    uv run python benchmarks/repair.py --scenarios                 what scenarios/cases leave wrong
    uv run python benchmarks/repair.py --triples 100 --seed 7      three at once, drawn by lot

Changes of a kind that concern different facts are made together, and halved where that does not heal.
"""

import argparse
import multiprocessing
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from fnmatch import fnmatchcase

from fixtures.planted import SCENES, Bench, Change, batches, planted, scenes, together
from fixtures.repairs import OUTCOMES, Outcome

HARMLESS = "harmless"
"""Changes that differ in nothing: what heals there is no repair."""
Told = tuple[Change, Outcome]


def worked(options: argparse.Namespace, changes: Sequence[Change]) -> list[Told]:
    """Return what each change came to, on a server of our own."""
    found: list[Told] = []
    with Bench(
        options.server, with_pg_dump=not options.without_pg_dump, drop_leftovers=not options.leave_leftovers
    ) as bench:
        possible = [change for change in changes if not bench.impossible(change)]
        if options.triples:
            possible = [*triples(options.triples, options.seed, possible)]
        for group in [[each] for each in possible] if options.each or options.triples else batches(possible):
            for change, outcome in bench.heal_together(group):
                found.append((change, outcome))
                if options.verbose or outcome.word != "healed":
                    print(shown(change, outcome, verbose=options.verbose), flush=True)  # noqa: T201
    return found


def played(options: argparse.Namespace, changes: Sequence[Change]) -> Iterator[Told]:
    """Yield what each scenario came to, on a server for each ground."""
    for ground in sorted({change.kind for change in changes}):
        base = (SCENES / ground).read_text("utf-8")
        with Bench(options.server, base, with_pg_dump=not options.without_pg_dump) as bench:
            for scene in [each for each in changes if each.kind == ground]:
                yield scene, bench.heal_scene(scene)


def side_by_side(options: argparse.Namespace, changes: Sequence[Change]) -> list[Told]:
    """Return what each change came to, by several processes."""
    if options.scenarios:
        return [*played(options, changes)]
    if options.jobs == 1:
        return worked(options, changes)
    parts = [changes[start :: options.jobs] for start in range(options.jobs)]
    with ProcessPoolExecutor(options.jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = [told for part in pool.map(worked, [options] * options.jobs, parts) for told in part]
    places = {str(change): place for place, change in enumerate(changes)}
    return sorted(found, key=lambda told: places[str(told[0])])


def shown(change: Change, outcome: Outcome, *, verbose: bool) -> str:
    """Return what is told of one change."""
    lines = [f"{change}: {outcome}"]
    if verbose:
        lines += [f"    change | {line}" for line in change.sql.strip().splitlines()]
        lines += [f"    script | {line}" for line in outcome.script.splitlines()]
    return "\n".join(lines)


def table(title: str, rows: Iterable[tuple[str, Outcome]]) -> str:
    """Return a table of outcomes by what the rows begin with."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, outcome in rows:
        counts[name][outcome.word] += 1
        if name != HARMLESS:
            counts["all"][outcome.word] += 1
    lines = [f"| {title} | tried | {' | '.join(OUTCOMES)} | healed |", "|---" * (len(OUTCOMES) + 3) + "|"]
    for name, count in sorted(counts.items(), key=lambda item: (item[0] == "all", item[0])):
        total = count.total()
        numbers = " | ".join(str(count[word] or "") for word in OUTCOMES)
        lines.append(f"| {name} | {total} | {numbers} | {100 * count['healed'] / total:.0f} % |")
    return "\n".join(lines)


def chosen(known: Iterable[Change], patterns: Sequence[str]) -> Iterator[Change]:
    """Yield the changes of these kinds or names; all if there is no pattern."""
    for change in known:
        told = (change.kind, change.name, str(change))
        if not patterns or any(fnmatchcase(each, pattern) for each in told for pattern in patterns):
            yield change


def triples(count: int, seed: int, changes: Sequence[Change]) -> Iterator[Change]:
    """Yield combinations of three changes of different kinds that name no fact in common, each as one change."""
    drawn = random.Random(seed)  # noqa: S311 (nothing is kept secret by it)
    harmful = [change for change in changes if change.kind != HARMLESS]
    while count:
        three = drawn.sample(harmful, 3)
        facts = [fact for change in three for fact in change.differs]
        if len({change.kind for change in three}) == len(three) and len({*facts}) == len(facts):
            yield replace(together(three), kind="triples", name=" | ".join(map(str, three)))
            count -= 1


def of_facets(told: Iterable[Told]) -> Iterator[tuple[str, Outcome]]:
    """Yield each outcome once for every facet that differed."""
    return ((facet, outcome) for change, outcome in told for facet in change.facets)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patterns", nargs="*", metavar="KIND|NAME", help="with * and ?")
    parser.add_argument(
        "--server", default=os.environ.get("ROLLPROOF_SERVER", "auto"), help="as rollproof's own --server"
    )
    parser.add_argument("--without-pg-dump", action="store_true", help="the baseline has no entries of pg_dump")
    parser.add_argument(
        "--leave-leftovers", action="store_true", help="run the script as printed: nothing left behind goes"
    )
    parser.add_argument("--each", action="store_true", help="one change in a database, not as many as go together")
    parser.add_argument("--scenarios", action="store_true", help="the scenarios in which definitions are not restored")
    parser.add_argument(
        "--triples", type=int, default=0, metavar="N", help="so many random combinations of three changes"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the combinations")
    parser.add_argument("--jobs", type=int, default=1, help="processes, each with a server")
    parser.add_argument("-v", "--verbose", action="store_true", help="print each change and its script")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    changes = [*chosen(scenes() if options.scenarios else planted(), options.patterns)]
    began = time.monotonic()
    told = side_by_side(options, changes)
    seconds = time.monotonic() - began
    if options.scenarios:
        for change, outcome in told:
            if options.verbose or outcome.word != "healed":
                print(shown(change, outcome, verbose=options.verbose))  # noqa: T201
    print(f"\n{table('planted', ((change.kind, outcome) for change, outcome in told))}")  # noqa: T201
    print(f"\n{table('facet', of_facets(told))}")  # noqa: T201
    print(f"\n{len(told)} of {options.triples or len(changes)} tried, {seconds / max(1, len(told)):.2f} s each")  # noqa: T201


if __name__ == "__main__":
    main()
