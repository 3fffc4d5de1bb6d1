import fixtures
import pytest


@pytest.fixture(autouse=True)
def _everywhere():
    assert fixtures.OURS, "this project's own package"


def pytest_collection_modifyitems(items):
    items.reverse()
