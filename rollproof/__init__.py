"""Did the rollback of this migration really put the PostgreSQL database back?"""

__version__: str


def __getattr__(name: str) -> str:
    """Look up the version when it is asked for: that takes longer than to be ready for a signal."""
    if name != "__version__":
        raise AttributeError(name)
    from importlib.metadata import version  # noqa: PLC0415 (that is what this is for)

    return version("rollproof")
