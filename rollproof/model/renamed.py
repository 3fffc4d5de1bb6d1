"""Checks and facets that had another name up to rollproof 0.2.0. Pure."""

RENAMED = {
    "answers": "endpoint_answers",
    "connected": "other_sessions",
    "enforcement": "foreign_key_triggers",
    "in_the_way": "blocking_sessions",
    "keyless": "primary_keys",
    "misfits": "unconvertible_values",
    "room": "disk_space",
    "tool_reachable": "rollback_command",
    "triangle": "backup_agreement",
}
"""Old name → name. Baselines keep facets by name, waivers name checks."""
