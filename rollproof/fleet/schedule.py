"""Jobs begun and answers taken: so many at once, once more what was lost, and no target without an answer."""

import queue
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from msgspec import structs

from rollproof.fleet.executors import Workers
from rollproof.fleet.job import Answer, answer_of, digest_of_job
from rollproof.fleet.target import FleetTarget
from rollproof.fleet.waiting import Attempt, Waiting
from rollproof.fleet.work import done, failed
from rollproof.model.errors import Inconclusive, Misuse, RollproofError
from rollproof.verdict.fleet.target_outcome import TargetOutcome

LOST = 3
"""How often a job may lose its worker; then it may be the job that ends them."""
GRACE = 30.0
"""Seconds beyond --max-duration in which a worker must answer."""
BRIEFLY = 2.0
"""Seconds for which answers are still taken when the run was ended."""
_LOOK = 1.0
_LONGEST = 30.0  # seconds between two tries
_BARREN = 5  # executors made anew in a row without an answer

Content = Callable[[FleetTarget], bytes]
Ended = Callable[[FleetTarget, Answer], None]


@dataclass(frozen=True)
class Limits:
    """How many targets of one server are done at the same time, how often one is tried again, and how many seconds it may take."""

    per_server: int = 2
    retries: int = 2
    seconds: float | None = None
    pause: float = 1.0


@dataclass
class Schedule:
    """Does the job of each target, and hands over each answer when it is there; `content` makes a job when its turn has come.

    `look` is called now and then with how many are at work.
    """

    workers: Workers
    limits: Limits
    content: Content
    ended: Ended
    look: Callable[[int], object] = lambda _: None
    _running: dict[Future[bytes], Attempt] = field(default_factory=dict)
    _suspects: int = 0  # at work: of those that were lost twice never two, so that none is lost by the fault of another
    _barren: int = 0

    def __post_init__(self) -> None:
        self._waiting = Waiting(self.limits.per_server)
        self._answered: queue.SimpleQueue[Future[bytes]] = queue.SimpleQueue()

    def run(self, targets: Iterable[FleetTarget]) -> None:
        """Do all. Raises `Misuse` if workers have another rollproof, and what interrupts it."""
        self._waiting.extend(targets)
        while self._waiting or self._running:
            self._begin()
            self.look(len(self._running))
            self._take(min(_LOOK, self._waiting.seconds))
            self._give_up_the_overdue()

    def finish(self) -> None:
        """Take the answers that come in a moment, and begin nothing: the run was ended."""
        end = time.monotonic() + BRIEFLY
        while self._running and (left := end - time.monotonic()) > 0:
            self._take(left, is_over=True)
        for future in list(self._running):
            future.cancel()

    def _begin(self) -> None:
        while len(self._running) < self.workers.at_once and (attempt := self._waiting.take()):
            if self._suspects and attempt.is_suspect:
                self._waiting.ended(attempt)
                self._waiting.add(attempt, self.limits.pause / 10)
                return
            try:
                job = self.content(attempt.target)
            except Misuse as error:
                self._waiting.ended(attempt)
                self._end(attempt, failed(attempt.target.name, attempt.target.server, "misuse", str(error)))
                continue
            self._submit(attempt, job)

    def _submit(self, attempt: Attempt, job: bytes) -> None:
        try:
            future = self.workers.executor.submit(done, job)
            future.add_done_callback(self._answered.put)
        except Exception as error:  # noqa: BLE001 (whatever an executor raises, it takes no job)
            self._waiting.ended(attempt)
            self._waiting.add(attempt)
            self._renew(error)
            return
        attempt.began, attempt.job = time.monotonic(), digest_of_job(job)
        self._running[future] = attempt
        self._suspects += attempt.is_suspect

    def _take(self, seconds: float, *, is_over: bool = False) -> None:
        """Wait for an answer, and take all that are there."""
        try:
            future = self._answered.get(timeout=seconds)
            while True:
                if future in self._running:  # else it was given up
                    attempt = self._let_go(future)
                    self._answer(attempt, future, is_over=is_over)
                future = self._answered.get_nowait()
        except queue.Empty:
            return

    def _let_go(self, future: Future[bytes]) -> Attempt:
        attempt = self._running.pop(future)
        self._suspects -= attempt.is_suspect
        self._waiting.ended(attempt)
        return attempt

    def _answer(self, attempt: Attempt, future: Future[bytes], *, is_over: bool) -> None:
        try:
            answer = _told_by(future, attempt.job)
        except Exception as error:  # noqa: BLE001 (a worker was lost, by whatever end)
            if not is_over:
                self._lost(attempt, error)
            return
        self._barren = 0
        if answer.refused:
            raise Misuse(answer.refused)
        attempt.tried += 1
        if is_over and answer.outcome.exit_code not in (0, 1):
            return  # it was cut short, and is told as one that nobody came to
        if answer.unreachable and attempt.tried <= self.limits.retries and not is_over:
            self._waiting.add(attempt, min(self.limits.pause * 2 ** (attempt.tried - 1), _LONGEST))
            return
        self.ended(attempt.target, _tried(answer, attempt.tried + attempt.lost))

    def _lost(self, attempt: Attempt, error: BaseException) -> None:
        """Have the job done again, by another worker."""
        attempt.lost += 1
        if attempt.lost < LOST:
            self._waiting.add(attempt, self.limits.pause * attempt.lost / 10)
            return
        why = f"its worker was lost {attempt.lost} times; the last time: {told(error)}"
        self._end(attempt, failed(attempt.target.name, attempt.target.server, "inconclusive", why))

    def _renew(self, error: BaseException) -> None:
        """Make the executor anew: what it had is lost. Raises `Inconclusive` if that does not help."""
        self._barren += 1
        for future in list(self._running):
            self._waiting.add(self._let_go(future))
        if self._barren > _BARREN:
            raise Inconclusive(f"{self.workers.name} takes no jobs: {told(error)}")
        try:
            self.workers.renew()
        except RollproofError as again:
            raise Inconclusive(f"{self.workers.name} was lost ({told(error)}), and not found again: {again}") from again

    def _give_up_the_overdue(self) -> None:
        """Wait no more for workers that do not answer; the oldest come first."""
        most = self.limits.seconds and self.limits.seconds + GRACE
        while most and self._running:
            future, attempt = next(iter(self._running.items()))
            if time.monotonic() - attempt.began <= most:
                return
            self._let_go(future)
            future.cancel()
            why = f"no answer from its worker for {most:,.0f} s, {GRACE:.0f} s longer than --max-duration allows: it was given up"
            self._end(attempt, failed(attempt.target.name, attempt.target.server, "inconclusive", why))

    def _end(self, attempt: Attempt, outcome: TargetOutcome) -> None:
        self.ended(attempt.target, _tried(Answer(outcome), max(attempt.tried + attempt.lost, 1)))


def _told_by(future: Future[bytes], job: str) -> Answer:
    """Return an answer to this job. Raises whatever there is instead, as an `Exception`: SystemExit would end all jobs."""
    if (error := future.exception()) is not None:
        raise error if isinstance(error, Exception) else RuntimeError(told(error))
    answer = answer_of(future.result())
    if not answer.refused and answer.job != job:
        raise ValueError("the executor gave the answer to another job")
    return answer


def _tried(answer: Answer, times: int) -> Answer:
    return structs.replace(answer, outcome=replace(answer.outcome, attempts=times))


def told(error: BaseException) -> str:
    """Return what an executor said, on one line."""
    return " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")[:300]
