"""The baselines of a fleet: a folder with NAME.json for each target, or one file for all."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote

import msgspec

from rollproof import __version__
from rollproof.fleet.target import FleetTarget
from rollproof.fleet.travel import IRRELEVANT, settings_of
from rollproof.model.amounts import counted
from rollproof.model.errors import Misuse
from rollproof.model.names import unquoted
from rollproof.settings.options import Settings
from rollproof.settings.reference import Reference
from rollproof.sources.baseline import MOST, Seal, load, seal_of
from rollproof.sources.signature import Key
from rollproof.system.files import contents

_NAMED = 5


@dataclass(frozen=True)
class References:
    """Where the baseline of each target is: in `path`, a folder, or `path` itself; if there is a `key`, signed with it."""

    path: Path
    key: Key | None = None

    @classmethod
    def of(cls, settings: Settings, key: Key | None) -> "References":
        """Return what `--reference` names. Raises `Misuse` if that can be no reference of many databases."""
        named = settings.reference
        if settings.backup_file:
            raise Misuse("a dump is of one database: of many, --reference is a folder of baselines")
        if not named:
            raise Misuse(
                "which baselines? pass --reference DIR, the folder of rollproof capture --targets … --output DIR"
            )
        if Reference.parse(named).kind != "baseline":
            raise Misuse("of many databases --reference is a folder of baselines, or one baseline for all of them")
        return cls(Path(named), key)

    @property
    def is_one(self) -> bool:
        """Whether there is one for all."""
        return not self.path.is_dir()

    def path_of(self, target: FleetTarget) -> Path:
        """Return the file of a target's baseline."""
        return self.path if self.is_one else self.path / f"{target.name}.json"

    def require(self, targets: Sequence[FleetTarget], settings: Settings) -> None:
        """Raise `Misuse` if a target has no baseline, or one is for databases that it cannot be of."""
        missing = [each.name for each in targets if not self.path_of(each).exists()]
        if missing and self.is_one:
            raise Misuse(
                f"there is no folder or file {self.path}: take the baselines by rollproof capture --targets … --output DIR"
            )
        if missing:
            named = ", ".join(missing[:_NAMED]) + (
                f" and {len(missing) - _NAMED:,} more" if len(missing) > _NAMED else ""
            )
            raise Misuse(
                f"{self.path} has no baseline of {counted(len(missing), 'target')}: {named}\n"
                "take them by rollproof capture --targets … --output DIR, name the targets as these files are, or shorten the list"
            )
        databases = [each for each in targets if not each.schema]
        if self.is_one and len(databases) > 1 and not settings.other_database:
            raise Misuse(
                f"{self.path} is one baseline, and it is of one database; where all {len(databases):,} targets are meant to be "
                "like it, pass --other-database; else --reference names a folder of baselines"
            )

    def schemas_like(self, pattern: str) -> Iterator[str]:
        """Yield the schemas like a pattern that have a baseline, or are in the only one. Raises `Misuse` as `load` does."""
        names = (
            map(unquoted, load(self.path).facets.get("schemas", {}))
            if self.is_one
            else (unquote(each.stem) for each in self._files())
        )
        return (name for name in names if fnmatchcase(name, pattern))

    def strays(self, targets: Sequence[FleetTarget]) -> list[str]:
        """Return the baselines in the folder that no target of the list has: of databases that nobody verifies."""
        if self.is_one:
            return []
        wanted = {f"{each.name}.json" for each in targets}
        return sorted(each.name for each in self._files() if each.name not in wanted)

    def _files(self) -> Iterator[Path]:
        """Yield the baselines of the folder, without older ones that were kept when others took their place."""
        return (each for each in self.path.glob("*.json") if not _KEPT.search(each.name))

    def content(self, target: FleetTarget) -> tuple[bytes, Seal]:
        """Return the baseline of a target and its seal. Raises `Misuse` if it cannot be read, was changed or is not signed."""
        path = self.path_of(target)
        try:
            content = contents(path, MOST)
        except OSError as error:
            raise Misuse(f"the baseline {path} cannot be read: {error.strerror}") from error
        return content, seal_of(content, path, self.key)


_KEPT = re.compile(r"-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d\.json$")


def digest_of(target: FleetTarget, settings: Settings, asked: str, baseline: str) -> str:
    """Return what an outcome is decided by beside the database as it is: the address, the settings, the baseline, and rollproof.

    An address may leave to the environment, or to a service file, which server it means.
    """
    relevant = settings_of(target, settings)
    told = {name: getattr(relevant, name) for name in Settings.__struct_fields__ if name not in IRRELEVANT}
    where = {name: value for name, value in target.address.parameters.items() if "passw" not in name}
    return sha256(
        msgspec.json.encode(
            [where, target.server, target.schema, target.but, told, asked, baseline, __version__], order="sorted"
        )
    ).hexdigest()
