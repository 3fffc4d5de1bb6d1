"""Did the rollback of this migration really put the PostgreSQL database back?"""

from importlib.metadata import version

__version__ = version("rollproof")
