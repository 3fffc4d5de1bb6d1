"""Rounds of a watch: what is red at once, what only if it lasts, and what nobody can call good."""

import pytest

from rollproof.probes.database_figures import Figures
from rollproof.report.rounds import line, summary, warnings
from rollproof.settings.configuration import resolve
from rollproof.settings.watch import Watch
from rollproof.verdict.rounds import Round, Seen, rates, red, watched

LIMITS = Watch()
QUIET = Figures(12, 97)
REFUSED = "endpoint 'health' (http://x/health) gives no whole answer: Connection refused"


def one(number=1, **rest):
    return Round(number, "22:00:00Z", **{"seconds": 0.8, "cases": 72, "figures": QUIET, **rest})


def several(*rounds):
    return [one(number, **rest) for number, rest in enumerate(rounds, 1)]


def health(*, good=True, is_login=False):
    return Seen("health", good=good, why="" if good else REFUSED, is_login=is_login, seconds=0.1 if good else None)


def test_a_definition_that_changed_is_red_at_once():
    changed = "columns: public.orders.note was left behind (text)"

    assert red(several({}, {"findings": (changed,)}), LIMITS) == (changed,)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (
            {"trouble": "no server", "figures": None, "cases": 0},
            "the database cannot be asked: no server, in 3 rounds in a row",
        ),
        ({"endpoints": (health(good=False),)}, f"{REFUSED}, in 3 rounds in a row"),
        (
            {"services": (Seen("api", good=False, why="api is not running"),)},
            "api is not running, in 3 rounds in a row",
        ),
        ({"figures": Figures(93, 97)}, "93 of 97 connections are taken, above the limit of 95%, in 3 rounds in a row"),
        (
            {"figures": Figures(1, 97, idle_in_transaction=301)},
            "a session is idle in a transaction for 301 s, above the limit of 300 s, in 3 rounds in a row",
        ),
        (
            {"figures": Figures(1, 97, lock_wait=61)},
            "a session has waited for a lock for 61 s, above the limit of 60 s, in 3 rounds in a row",
        ),
    ],
    ids=["database", "endpoint", "service", "connections", "idle", "lock"],
)
def test_what_may_pass_is_red_when_it_lasts(wrong, sentence):
    assert red(several({}, wrong, wrong), LIMITS) == ()
    assert red(several(wrong, wrong, {}), LIMITS) == ()
    assert red(several(wrong, wrong, wrong), LIMITS) == (sentence,)


def test_limits_that_nobody_set_are_not_held():
    long = {"figures": Figures(1, 97, transaction=90_000, replica_lag=9_000)}
    strict = Watch(rounds=1, max_transaction_seconds=60, max_replica_lag_seconds=10)

    assert red(several(long, long, long), LIMITS) == ()
    assert red(several(long), strict) == (
        "a transaction has lasted for 90,000 s, above the limit of 60 s",
        "a replica is behind by 9,000 s, above the limit of 10 s",
    )


def test_until_it_lasts_it_is_a_warning():
    wrong = {"endpoints": (health(good=False),)}

    assert [*warnings(several({}, wrong, wrong), LIMITS)] == [
        f"  WARNING, 2 of 3 rounds in a row that make it red: {REFUSED}"
    ]
    assert [*warnings(several(wrong, wrong, wrong), LIMITS)] == []  # then it is red, and said once


def test_an_error_now_and_then_is_red_by_its_rate():
    now_and_then = [{"endpoints": (health(good=bool(number % 2)),)} for number in range(20)]

    assert red(several(*now_and_then[:19]), LIMITS) == ()  # too few answers to speak of a rate
    assert red(several(*now_and_then), LIMITS) == (
        "50.0% of 20 answers of endpoints are errors, above the limit of 5.0%",
    )


def test_logins_that_fail_are_red_by_their_rate():
    rounds = several(*({"endpoints": (health(good=number % 10 > 0, is_login=True),)} for number in range(20)))

    assert red(rounds, Watch(max_error_rate=1)) == ("90.0% of 20 logins succeeded, below the limit of 95.0%",)


def test_deadlocks_and_rollbacks_are_counted_since_the_watch_began():
    before, after = (
        Figures(1, 97, committed=1000, rolled_back=900, deadlocks=90),
        Figures(1, 97, committed=1100, rolled_back=1050, deadlocks=96),
    )
    rounds = several({"figures": before}, {"figures": after})

    assert red(rounds, LIMITS) == (
        "6 deadlocks since the watch began, above the limit of 5",
        "60.0% of 250 transactions were rolled back, above the limit of 50.0%",
    )
    assert red(rounds[1:], LIMITS) == ()  # what was before the watch is nothing of it


def test_statistics_that_were_reset_count_from_there():
    figures = [Figures(1, 97, committed=number) for number in (5000, 0, 40)]
    rounds = several(*({"figures": each} for each in figures))

    assert rates(rounds).transactions == 40


def test_blocks_from_the_disk_are_red_only_by_a_limit():
    rounds = several({"figures": Figures(1, 97)}, {"figures": Figures(1, 97, hit=60, read=60)})

    assert red(rounds, LIMITS) == ()
    assert red(rounds, Watch(min_cache_hit_ratio=0.9)) == (
        "50.0% of 120 blocks were in the cache, below the limit of 90.0%",
    )


@pytest.mark.promise
@pytest.mark.parametrize(
    ("rounds", "came"),
    [
        ([{}, {}], ("STEADY", 0, "nothing was red in 2 rounds")),
        ([], ("INCONCLUSIVE", 7, "nothing was red in 0 rounds, but no round was made")),
        (
            [{}, {"trouble": "gone"}],
            (
                "INCONCLUSIVE",
                7,
                "nothing was red in 2 rounds, but in the last one the database could not be asked: gone",
            ),
        ),
        (
            [{"undecided": 2}],
            (
                "INCONCLUSIVE",
                7,
                "nothing was red in 1 round, but 2 of 72 cases of definitions could not be decided; rollproof verify says why",
            ),
        ),
        ([{"cases": 0}], ("INCONCLUSIVE", 7, "nothing was red in 1 round, but no definition was compared")),
        (
            [{}, {"endpoints": (health(good=False),)}],
            (
                "INCONCLUSIVE",
                7,
                f"nothing was red in 2 rounds, but there were too few to tell whether this lasts: {REFUSED}",
            ),
        ),
        ([{"endpoints": (health(good=False),)}, {}], ("STEADY", 0, "nothing was red in 2 rounds")),
    ],
)
def test_what_could_not_be_decided_at_the_end_is_not_steady(rounds, came):
    told = watched(several(*rounds), (), LIMITS)

    assert (told.word, told.exit_code, told.sentence) == came


def test_a_signal_says_that_nothing_was_red_until_then():
    told = watched(several({}), (), LIMITS, number=2)

    assert (told.word, told.exit_code) == ("INTERRUPTED", 130)


def test_what_is_red_is_said_even_if_a_signal_came():
    assert watched(several({}), ("x",), LIMITS, number=2).exit_code == 1


def test_a_round_stands_on_one_line():
    seen = one(
        3,
        endpoints=(health(), health(good=False)),
        findings=("x",),
        undecided=1,
        figures=Figures(12, 97, hidden=2, transaction=1.25, waiting=1, lock_wait=0.5, replica_lag=3),
    )

    assert line(seen) == (
        "22:00:00Z round 3, 0.8 s: 72 cases of definitions, 1 NOT AS THEY WERE, 1 undecided; 1 of 2 endpoints good in 0.10 s; "
        "12 of 97 connections; times of 2 sessions hidden from this role; longest transaction 1.2 s; "
        "1 session waiting for locks, the longest 0.5 s; replica behind by 3.0 s"
    )


def test_all_of_it_is_told_at_the_end():
    rounds = several(
        {"endpoints": (health(is_login=True),)},
        {"trouble": "gone", "figures": None, "endpoints": (health(good=False),)},
    )

    assert [*summary(rounds)] == [
        "rounds: 2, the longest 0.8 s",
        "database: not asked in 1 round",
        "endpoints: 50.0% errors in 2 answers",
        "logins: 100.0% of 1 successful",
        "connections: at most 12 of 97",
    ]


@pytest.mark.parametrize(
    ("section", "fault"),
    [
        ('lasts = "30"', "`lasts` is '30'; write a number and s, m or h, as in 30s or 30m"),
        ('every = "0s"', "`every` is '0s'; write a number"),
        ('lasts = "10s"', "`every` is 30s, longer than the whole watch of 10s"),
        ("max_error_rate = 5", "<= 1.0"),
        ("max_errors = 5", "did you mean `max_error_rate`"),
    ],
)
def test_a_section_that_cannot_mean_anything_is_refused(section, fault, tmp_path):
    file = tmp_path / "rollproof.toml"
    file.write_text(f"[watch]\n{section}\n")
    with pytest.raises(Exception, match=r".+") as refused:
        resolve({}, {}, file)

    assert fault in str(refused.value)
