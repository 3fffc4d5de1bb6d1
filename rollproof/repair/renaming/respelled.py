"""Facts as they will be told once something has another name. Pure."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rollproof.model.facets import traits
from rollproof.model.names import names
from rollproof.model.snapshot import Facts
from rollproof.repair.dependencies import FACET
from rollproof.repair.objects import Object, told

_KINDS = {"columns": ("column",), "constraints": ("constraint", "index"), "indexes": ("index",)}
_SHARED = {"constraints": ("constraints", "indexes", "foreign_key_triggers", "foreign_keys"), "indexes": ("indexes",)}
_OF_COLUMNS = ("columns", "sequence_columns")


class Renaming(NamedTuple):
    """An object as it is called, and as it was."""

    of: Object
    to: Object


def renamed_facts(facts: Mapping[str, Facts], found: Iterable[Renaming]) -> Mapping[str, Facts]:
    """Return facts as they are once these objects have their other name."""
    given = list(found)
    wholes = [each for each in given if each.of.facet not in _KINDS]
    if wholes:
        facts = {facet: _whole(known, wholes) for facet, known in facts.items()}
    for each in given:
        if each.of.facet in _KINDS:
            facts = {facet: _part(facet, known, each) for facet, known in facts.items()}
    return facts


def moved(facet: str, identity: str, renaming: Renaming) -> str:
    """Return the identity of a fact once an object has its other name."""
    if renaming.of.facet not in _KINDS:
        return _substituted(identity, {_path(renaming.of): _path(renaming.to)})
    return _identity_of_part(facet, identity, renaming)


def _path(of: Object) -> str:
    return ".".join(names(of.identity)[:2])


def _whole(known: Facts, found: Iterable[Renaming]) -> Facts:
    paths = {_path(each.of): _path(each.to) for each in found}
    escaped = {_written(was)[1:-1]: _written(now)[1:-1] for was, now in paths.items()}
    return {
        _substituted(name, paths): _substituted(text, escaped, r'\\"') if _is_json(text) else _substituted(text, paths)
        for name, text in known.items()
    }


def _written(text: str) -> str:
    """Return a text as PostgreSQL writes it in JSON."""
    return json.dumps(text, ensure_ascii=False)


def _is_json(text: str) -> bool:
    return text.startswith(('{"', '["', "[{", "[["))


def _substituted(text: str, paths: Mapping[str, str], quote: str = '"') -> str:
    """Return the text with other paths; `quote` is an expression of the quotes of names in it."""
    if not any(path in text for path in paths):
        return text
    pattern = "|".join(map(re.escape, sorted(paths, key=len, reverse=True)))
    return re.sub(rf"(?<![\w$.])(?<!{quote})(?:{pattern})(?![\w$])", lambda found: paths[found.group()], text)


def _part(facet: str, known: Facts, each: Renaming) -> Facts:
    table = each.of.relation
    result = {}
    for identity, text in known.items():
        name = _identity_of_part(facet, identity, each)
        described = text
        if facet == FACET:
            described = _in_dependencies(text, each)
        elif Object(facet, identity).relation == table or traits(facet).about == "table":
            described = _in_description(Object(facet, identity), text, each) if identity.startswith(table) else text
        elif each.of.facet == "columns":
            described = _substituted(text, {each.of.identity: each.to.identity})
        result[name] = described
    return result


def _in_description(of: Object, text: str, each: Renaming) -> str:
    last, first = names(each.of.identity)[-1], names(each.to.identity)[-1]
    if each.of.facet == "columns":
        return re.sub(rf'(?<![\w$"]){re.escape(last)}(?![\w$"])', lambda _: first, text)
    return (
        text.replace(f" INDEX {last} ON ", f" INDEX {first} ON ", 1)
        if of == Object("indexes", each.of.identity)
        else text
    )


def _identity_of_part(facet: str, identity: str, each: Renaming) -> str:
    if facet == FACET:
        return _in_dependencies(identity, each)
    if each.of.facet == "columns":
        is_it = facet in _OF_COLUMNS and (
            identity == each.of.identity or identity.startswith(f"{each.of.identity} FROM ")
        )
    else:
        is_it = facet in _SHARED[each.of.facet] and identity == each.of.identity
    if not is_it and traits(facet).about == "object" and (known := told(identity)):
        is_it = known[0] == each.of.identity and known[1].endswith(_KINDS[each.of.facet])
    return each.to.identity + identity.removeprefix(each.of.identity) if is_it else identity


def _in_dependencies(text: str, each: Renaming) -> str:
    """Return a fact about dependencies, or its identity, which names objects by facet and identity."""
    facets = _SHARED.get(each.of.facet, ("columns",))
    paths = {f"{facet} {each.of.identity}": f"{facet} {each.to.identity}" for facet in facets}
    for was, now in paths.items():
        if text == was:
            return now
        text = text.replace(_written(was), _written(now))
    return text
