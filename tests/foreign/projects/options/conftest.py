import pytest


def pytest_addoption(parser):
    parser.addoption("--database-url", help="this project's own", default="sqlite://")
    parser.addoption("--server", help="this project's own", default="theirs")


@pytest.fixture
def database_url(request):
    return request.config.getoption("--database-url")


@pytest.fixture
def server(pytestconfig):
    return pytestconfig.option.server
