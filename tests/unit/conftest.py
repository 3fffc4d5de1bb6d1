"""Supplies that several of these tests share."""

from fixtures.endpoints import serve

__all__ = ["serve"]
