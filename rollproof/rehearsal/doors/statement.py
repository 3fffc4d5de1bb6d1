"""A statement of an application, as a value."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Statement:
    """Its `text`, with parameters as `$1`; `where` it was found (`app.sql:12`), of which `role`, called how often (0: unknown).

    `types` are those that a PREPARE gave its parameters. `search_path` is what the same session had set before, as SQL writes it;
    `temporary` are statements by which it had made the temporary tables of which the text speaks. `values` are parameters that
    it was called with, as a server's log tells them, each as text, or None for NULL. If it `is_recorded`, its constants are
    those of an application at work: values of rows, which no report shows.
    """

    text: str
    where: str
    role: str = ""
    calls: int = 0
    types: tuple[str, ...] = ()
    search_path: str = ""
    temporary: tuple[str, ...] = ()
    values: tuple[tuple[str | None, ...], ...] = ()
    is_recorded: bool = False
