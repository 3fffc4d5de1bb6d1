"""Rules about what is known in one place of the engine, or done in none; as `rules`, from a checkout to its offenders."""

import ast
from collections.abc import Iterator

from tests.house.rules import PHASES
from tests.house.source_tree import Checkout, Module

_CHANGES = {"update", "setdefault", "pop", "popitem", "clear", "__setitem__"}


def phase_names(checkout: Checkout) -> list[str]:
    """A phase's name stands in model/phase alone: whatever differs by phase is a field of the phase there."""
    return [
        f"{module.path}:{node.lineno} says {node.value}"
        for module in checkout.engine.values()
        if module.name != "rollproof.model.phase"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in PHASES
    ]


def environment(checkout: Checkout) -> list[str]:
    """The engine reads the environment and never writes it: a value is passed on, or given to the child process that needs it."""
    return sorted(
        f"{module.path}:{node.lineno} writes the environment"
        for module in checkout.engine.values()
        for node in ast.walk(module.tree)
        if _writes_environment(node)
    )


def _writes_environment(node: ast.AST) -> bool:
    if isinstance(node, ast.Subscript):
        return not isinstance(node.ctx, ast.Load) and ast.unparse(node.value) == "os.environ"
    if isinstance(node, ast.AugAssign):
        return ast.unparse(node.target) == "os.environ"
    called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
    return called in {"os.putenv", "os.unsetenv"} | {f"os.environ.{name}" for name in _CHANGES}


def plugins_by_name(checkout: Checkout) -> list[str]:
    """No plugin of ours is looked up by a name: pytest's stash has a key for each."""
    return [
        f"{module.path}:{node.lineno} looks up {argument.value}"
        for module in checkout.engine.values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("get_plugin", "has_plugin", ".register"))
        for argument in node.args
        if isinstance(argument, ast.Constant) and str(argument.value).startswith("rollproof")
    ]


def kinds_of_sources(checkout: Checkout) -> list[str]:
    """Nobody asks of which class a source is: what differs is a method that every source has."""
    classes = {
        node.name
        for module in checkout.engine.values()
        if module.name.startswith(("rollproof.sources.", "rollproof.backup.copies"))
        for node in module.tree.body
        if isinstance(node, ast.ClassDef)
    }
    return [
        f"{module.path}:{line} asks whether it is {name}"
        for module in checkout.engine.values()
        if not module.name.startswith("rollproof.sources.")
        for line, name in _asked(module)
        if name in classes
    ]


def _asked(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"isinstance", "issubclass"}:
            yield from ((node.lineno, each.id) for each in ast.walk(node.args[1]) if isinstance(each, ast.Name))
