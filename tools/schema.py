"""Write the JSON Schemas of result.json, rehearsal.json, selftest.json and fleet.json to reports/.

uv run python tools/schema.py             # write them
uv run python tools/schema.py --check     # fail if one of the files is another
"""

import json
import sys
from pathlib import Path

from rollproof.rehearsal.reports.schema import schema as of_rehearsal
from rollproof.rehearsal.selftest.reports.schema import schema as of_selftest
from rollproof.report.fleet.schema import schema as of_fleet
from rollproof.report.schema import schema as of_run

REPORTS = Path(__file__).parent.parent / "reports"
SCHEMAS = {
    REPORTS / "result.schema.json": of_run,
    REPORTS / "rehearsal.schema.json": of_rehearsal,
    REPORTS / "selftest.schema.json": of_selftest,
    REPORTS / "fleet.schema.json": of_fleet,
}


def main() -> None:
    """Write the files, or compare them."""
    for file, schema in SCHEMAS.items():
        text = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
        if "--check" not in sys.argv[1:]:
            file.write_text(text, "utf-8")
        elif not file.exists() or file.read_text("utf-8") != text:
            sys.exit(f"{file.name} is not the schema of what is written; run: python tools/schema.py")


if __name__ == "__main__":
    main()
