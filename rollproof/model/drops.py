"""Which kind of object a fact tells of, and the statement that drops it: `catalog/facets.toml`, `kinds`."""

from rollproof.model.facets import Kind, traits
from rollproof.model.names import names, unquoted


def kind_of(facet: str, identity: str, description: str) -> Kind | None:
    """Return the kind of object that a fact tells of; None if it is no object of its own, such as a membership."""
    row = traits(facet)
    if row.members and row.members in identity:
        return None
    return next((kind for kind in row.kinds if kind.fits(identity, description)), None)


def named(kind: Kind, identity: str) -> str:
    """Return an object's quoted, qualified name."""
    return identity.removesuffix(f" ({kind.kind})") if kind.in_identity else identity


def drop_statement(kind: Kind, name: str) -> str:
    """Return the statement that drops an object."""
    path = names(name) or [""]
    return kind.drop.format(
        name=name,
        last=path[-1],
        table=".".join(path[:-1]),
        schema=path[0],
        statistics_schema=(path[2:-1] or path[:1])[0],  # they may lie in another than their table's
        role=path[0],
        server=path[-1],
        raw=unquoted(name).replace("'", "''"),
    )
