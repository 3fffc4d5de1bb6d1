"""The source of a checkout as facts: its modules, what each imports, its functions, and the maps of its packages."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FOLDERS = ("rollproof", "checks", "fixtures", "reports", "scenarios", "tests", "benchmarks")
_MAP_LINE = re.compile(r"^ {4}(\w+)/?(?:( +-) +| {2,})\S", re.MULTILINE)


@dataclass(frozen=True)
class Function:
    """A function or method: its name with the classes and functions around it, and how many lines it has."""

    name: str
    lines: int


@dataclass(frozen=True)
class Module:
    """One Python file: `path` is relative to the checkout, `name` is what an import calls it."""

    path: Path
    text: str

    @cached_property
    def name(self) -> str:
        """`rollproof.server` for the `__init__` of a package."""
        return ".".join(self.path.with_suffix("").parts).removesuffix(".__init__")

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text)

    @cached_property
    def docstring(self) -> str:
        """As it is written, indented."""
        return ast.get_docstring(self.tree, clean=False) or ""

    @property
    def lines(self) -> int:
        """How many lines the file has."""
        return len(self.text.splitlines())

    @cached_property
    def imports(self) -> tuple[str, ...]:
        """All names that the file imports, wherever in it: `a.b.c` for `from a.b import c`, `.c` for a relative import."""
        return tuple(_imports(self.tree))

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """All functions and methods, in order."""
        return tuple(_functions(self.tree, ""))


class Checkout:
    """A working copy: its Python files below FOLDERS, and its other files as text."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def ours(self) -> tuple[Module, ...]:
        """Every Python file of ours, by path."""
        files = [path for folder in FOLDERS for path in sorted((self.root / folder).rglob("*.py"))]
        return tuple(Module(path.relative_to(self.root), path.read_text("utf-8")) for path in files)

    def within(self, folder: str) -> tuple[Module, ...]:
        """Those below one folder."""
        return tuple(module for module in self.ours if module.path.is_relative_to(folder))

    @cached_property
    def engine(self) -> dict[str, Module]:
        """The engine's modules by name."""
        return {module.name: module for module in self.within("rollproof")}

    @cached_property
    def packages(self) -> frozenset[str]:
        """The engine's packages by name, `rollproof` among them."""
        return frozenset(module.name for module in self.engine.values() if module.path.name == "__init__.py")

    def listed(self, package: str) -> list[str]:
        """The names in the docstring of a package's `__init__`, from the ground up."""
        return [name for name, _ in _MAP_LINE.findall(self.engine[package].docstring)]

    @cached_property
    def maps(self) -> dict[str, dict[str, bool]]:
        """Package → the names in its docstring, each with whether other packages may import it."""
        found = {package: _MAP_LINE.findall(self.engine[package].docstring) for package in self.packages}
        return {package: {name: not mark for name, mark in lines} for package, lines in found.items()}

    def children(self, package: str) -> set[str]:
        """The modules and packages directly in a package, without `__main__`."""
        inside = [name.rpartition(".") for name in self.engine if name != package]
        return {child for parent, _, child in inside if parent == package} - {"__main__"}

    @cached_property
    def arrows(self) -> dict[str, set[str]]:
        """Each module of the engine → the modules of the engine that it imports."""
        return {name: self._imported(module) for name, module in self.engine.items()}

    def _imported(self, module: Module) -> set[str]:
        within = {self.module_of(name) for name in module.imports if name.partition(".")[0] == "rollproof"}
        return within - {module.name}

    def module_of(self, name: str) -> str:
        """The module that an imported name belongs to: `rollproof.model.errors` for `rollproof.model.errors.Misuse`."""
        while name not in self.engine and "." in name:
            name = name.rpartition(".")[0]
        return name

    def text(self, path: str) -> str:
        """A file's text, empty if there is no such file."""
        file = self.root / path
        return file.read_text("utf-8") if file.is_file() else ""


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = "." * node.level + (node.module or "")
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def _functions(node: ast.AST, around: str) -> Iterator[Function]:
    for child in ast.iter_child_nodes(node):
        name = f"{around}{child.name}" if isinstance(child, _NAMED) else ""
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield Function(name, child.end_lineno - child.lineno + 1)
        yield from _functions(child, f"{name}." if name else around)


_NAMED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
