"""Checks and facets that had another name up to rollproof 0.2.0. Pure."""

RENAMED = {
    "answers": "endpoint_answers",
    "connected": "other_sessions",
    "foreign_key_triggers": "foreign_key_triggers",
    "blocking_sessions": "blocking_sessions",
    "primary_keys": "primary_keys",
    "unconvertible_values": "unconvertible_values",
    "room": "disk_space",
    "rollback_command": "rollback_command",
    "backup_agreement": "backup_agreement",
}
"""Old name → name. Baselines keep facets by name, waivers name checks."""
