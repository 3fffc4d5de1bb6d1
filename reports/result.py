"""The report as JSON, for programs: every outcome with all its findings."""

import msgspec

FORMAT = 1


def result(report) -> bytes:
    """Return the report as JSON, indented, with its format's number first."""
    return msgspec.json.format(msgspec.json.encode({"format": FORMAT, **_plain(report)}), indent=2)


def _plain(value):
    """Return the value in JSON's own types; what UTF-8 cannot carry is written as a backslash escape."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    value = msgspec.to_builtins(value) if not isinstance(value, (dict, list, tuple)) else value
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value
