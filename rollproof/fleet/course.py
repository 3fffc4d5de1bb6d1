"""The work of a fleet from its first job to its last answer, however it ends."""

from collections.abc import Sequence

from rollproof.fleet.job import Answer
from rollproof.fleet.schedule import Schedule
from rollproof.fleet.target import FleetTarget
from rollproof.fleet.work import failed
from rollproof.model.errors import Inconclusive
from rollproof.system.signals import SIGNALS, Terminated


def carry_out(schedule: Schedule, targets: Sequence[FleetTarget]) -> None:
    """Do the jobs of all targets. Ended by a signal it takes what is there in a moment; the caller says what is missing.

    Where nobody takes jobs any more, each target that is left is INCONCLUSIVE for that reason. Raises as `Schedule.run`.
    """
    met: set[str] = set()
    tell = schedule.ended

    def ended(target: FleetTarget, answer: Answer) -> None:
        met.add(target.name)
        tell(target, answer)

    schedule.ended = ended
    try:
        with SIGNALS.interrupting():
            schedule.run(targets)
    except Terminated:
        SIGNALS.insists = False  # what is left takes its time, and has an end; a second signal does not wait for it
        schedule.finish()
    except Inconclusive as error:
        for target in targets:
            if target.name not in met:
                tell(target, Answer(failed(target.name, target.server, "inconclusive", str(error))))
    finally:
        schedule.workers.close()
