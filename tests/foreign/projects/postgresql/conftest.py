from pathlib import Path

from pytest_postgresql import factories

postgresql_noproc = factories.postgresql_noproc(load=[Path(__file__).parent / "schema.sql"])
postgresql = factories.postgresql("postgresql_noproc")
