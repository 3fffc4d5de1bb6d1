"""What was seen of a service, against the state that a phase wants."""

from collections.abc import Iterator

from rollproof.model.finding import Finding
from rollproof.probes.services.looks import Seen
from rollproof.probes.services.status import CHECK, NO_SUCH
from rollproof.settings.service import Service, ServiceState


def findings(service: Service, wanted: ServiceState, seen: Seen) -> Iterator[Finding]:
    """Yield what is wrong with a service; that something active will start it again is a warning."""
    first, last = seen.first, seen.last
    if NO_SUCH in (first.state, last.state):
        yield _finding(service, wanted, last.words, "is unknown to its manager; `unit` names it as its manager does")
    elif first.state != wanted:
        yield _finding(service, wanted, first.words, f"is not {wanted}")
    elif last.state != wanted:
        yield _finding(service, wanted, last.words, f"was {wanted}, and {seen.seconds:.0f} s later it was not")
    elif first.life != last.life:
        both = f"{first.words}, then {last.words}"
        yield _finding(
            service, f"{wanted}, and not started again", both, f"was started again within {seen.seconds:.0f} s"
        )
    for each in last.woken_by if wanted == "stopped" else ():
        sentence = f"{service.where} is stopped, but {each} is active and starts it again: stop that, too"
        yield Finding(CHECK, service.name, "stopped for good", f"{each} is active", sentence, heals=True)


def _finding(service: Service, wanted: str, words: str, what: str) -> Finding:
    return Finding(CHECK, service.name, wanted, words, f"{service.where} {what}: {words}")


def note(service: Service, seen: Seen) -> str:
    """Return what is to be known of a service that is as it should be."""
    again = f"; its manager may start it by itself ({seen.last.comes_back})" if seen.last.comes_back else ""
    return f"{service.where}: {seen.last.words}{again if seen.last.state == 'stopped' else ''}"
