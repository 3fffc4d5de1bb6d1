"""Supplies that several of these tests share."""

from fixtures.endpoints import authority, serve, unused_host

__all__ = ["authority", "serve", "unused_host"]
