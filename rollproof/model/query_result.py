"""What a query answered, without any value: its columns, how many rows, and digests of their values. Pure."""

import msgspec


class QueryResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer of a query: `columns` are names and types, `digests` one for each of them, `rows` how many there are.

    `digest` is of whole rows in any order, `in_order` of them in their order ("" where that does not count). `query` tells whether
    it is still the same query. `varies`: two runs at one instant answered differently.
    """

    query: str
    columns: tuple[tuple[str, str], ...]
    rows: int
    digest: str
    digests: tuple[str, ...] = ()
    in_order: str = ""
    varies: bool = False

    @property
    def algorithm(self) -> str:
        """By which rule its digests were made: others cannot be compared with them."""
        return self.digest.partition(":")[0]
