"""Which job is begun when: so many at once, so many on each server."""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait

from rollproof.fleet.executors import Workers
from rollproof.fleet.job import Answer, answer_of
from rollproof.fleet.target import FleetTarget
from rollproof.fleet.work import done


def run(
    targets: Iterable[FleetTarget],
    content: Callable[[FleetTarget], bytes],
    who: Workers,
    per_server: int,
    ended: Callable[[FleetTarget, Answer], None],
) -> None:
    """Do the job of each target, and hand over each answer when it is there."""
    waiting, running = list(targets), dict[Future[bytes], FleetTarget]()
    busy: dict[str, int] = {}
    while waiting or running:
        for target in list(waiting):
            if len(running) < who.at_once and busy.get(target.server, 0) < per_server:
                waiting.remove(target)
                busy[target.server] = busy.get(target.server, 0) + 1
                running[who.executor.submit(done, content(target))] = target
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            target = running.pop(future)
            busy[target.server] -= 1
            ended(target, answer_of(future.result()))
