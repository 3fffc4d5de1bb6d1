"""Fixtures of the checks about a migration: its log, its types, the state of its tables and the fate of rows."""
