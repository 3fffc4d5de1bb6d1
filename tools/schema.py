"""Write the JSON Schema of result.json to reports/result.schema.json.

uv run python tools/schema.py             # write it
uv run python tools/schema.py --check     # fail if the file is another
"""

import json
import sys
from pathlib import Path

from rollproof.report.schema import schema

FILE = Path(__file__).parent.parent / "reports" / "result.schema.json"


def main() -> None:
    """Write the file, or compare it."""
    text = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    if "--check" not in sys.argv[1:]:
        FILE.write_text(text, "utf-8")
    elif FILE.read_text("utf-8") != text:
        sys.exit(f"{FILE.name} is not the schema of what is written; run: python tools/schema.py")


if __name__ == "__main__":
    main()
