"""Connections of other drivers than psycopg 3, and those that only coroutines can ask."""

import os

import psycopg
import psycopg2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

URL = os.environ["DATABASE_URL"]
THERE, BACK = "CREATE TABLE invoices (id integer)", "DROP TABLE invoices"


@pytest.fixture
def old():
    connection = psycopg2.connect(URL)
    yield connection
    connection.close()


@pytest.fixture(params=["postgresql+asyncpg", "postgresql+psycopg"])
async def engine(request):
    url = URL.replace("postgresql", request.param, 1)
    engine = create_async_engine(url.replace("sslmode=", "ssl=") if "asyncpg" in url else url)
    yield engine
    await engine.dispose()


def test_honest_by_psycopg2(rollproof, old):
    with rollproof.unchanged(old), old.cursor() as cursor:
        cursor.execute(f"{THERE}; {BACK}")
        old.commit()


def test_uncommitted_by_psycopg2(rollproof, old):
    with rollproof.unchanged(old), old.cursor() as cursor:
        cursor.execute(THERE)


async def test_honest_by_coroutines(rollproof, engine):
    with rollproof.unchanged(engine):
        for statement in (THERE, BACK):
            async with engine.begin() as connection:
                await connection.execute(text(statement))


async def test_dishonest_by_coroutines(rollproof, engine):
    async with engine.begin() as connection:
        await connection.execute(text(BACK.replace("TABLE", "TABLE IF EXISTS")))
    with rollproof.unchanged(engine):
        async with engine.begin() as connection:
            await connection.execute(text(THERE))


async def test_a_session_cannot_be_asked(rollproof, engine):
    async with AsyncSession(engine) as session:
        with pytest.raises(rollproof.Misuse, match="cannot be asked"), rollproof.unchanged(session):
            await session.execute(text("CREATE TABLE others (id integer)"))


async def test_a_connection_cannot_be_asked(rollproof):
    async with await psycopg.AsyncConnection.connect(URL) as connection:
        with pytest.raises(rollproof.Misuse, match="only a coroutine can ask"), rollproof.unchanged(connection):
            await connection.execute("CREATE TABLE others (id integer)")
        await connection.rollback()
