"""The markers of our checks beside the phases: families, what a check waits for, severity."""

MARKERS = (
    "structure: what the catalogue says: all definitions, rights and settings",
    "types: columns' types, and the types themselves",
    "constraints: what rows must obey: constraints, NOT NULL, domains, unique indexes",
    "rows: how many rows",
    "content: which rows",
    "orphans: rows that refer to nothing",
    "backup: the migration's own copies",
    "endpoints: the application answers",
    "services: the application's services are stopped or run",
    "log: the migration tool's own log",
    "traffic: who and what is in the way",
    "dump: waits for pg_dump",
    "http: waits for the application",
    "scan: waits until rows are read",
    "final: asked when all others were",
    "severity(level): critical, high, medium or low",
)
"""As pytest registers them: name, colon, meaning."""

STRUCTURE = "structure"
_COSTS = ("dump", "http", "scan", "final")
FAMILIES = tuple(
    name for name in (each.partition(":")[0] for each in MARKERS) if name.isidentifier() and name not in _COSTS
)
"""What a check is about: structure, types, constraints, rows, content, orphans, backup, endpoints, services, log, traffic."""
