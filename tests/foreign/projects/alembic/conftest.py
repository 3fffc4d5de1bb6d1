import os

import pytest
import sqlalchemy
from alembic import command
from alembic.config import Config


@pytest.fixture(params=["postgresql+psycopg", "postgresql+psycopg2"])
def engine(request):
    engine = sqlalchemy.create_engine(os.environ["DATABASE_URL"].replace("postgresql", request.param, 1))
    yield engine
    engine.dispose()


@pytest.fixture
def migrate():
    config = Config("alembic.ini")

    def to(revision):
        (command.downgrade if revision.startswith("-") else command.upgrade)(config, revision)

    return to
