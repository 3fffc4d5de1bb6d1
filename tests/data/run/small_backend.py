"""A build backend without dependencies, for a clone so small that ./run sets it up in no time. As a program it builds itself."""

import sys
import zipfile
from pathlib import Path

SCRIPT = "small:main"


def build_editable(folder, _settings=None, _metadata=None):
    """Build what makes this folder's module importable, with its script."""
    return wheel(Path(folder), "small", {"small.pth": str(Path.cwd())}, f"[console_scripts]\nsmall = {SCRIPT}\n")


def wheel(folder, name, files, scripts=""):
    """Write a wheel of these files, and return its name."""
    about = f"{name}-1.0.dist-info"
    told = {
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: small\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/entry_points.txt": scripts,
    }
    written = {
        **files,
        **told,
        f"{about}/RECORD": "".join(f"{path},,\n" for path in (*files, *told, f"{about}/RECORD")),
    }
    file = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in written.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return file.name


if __name__ == "__main__":
    wheel(Path(sys.argv[1]), "small_backend", {"small_backend.py": Path(__file__).read_text("utf-8")})
