"""--metrics-file: who asks for it gets metrics; no other run imports what makes them."""

import pytest

from rollproof.model.errors import Misuse
from rollproof.plugin.stash import FILES, METRICS, RUN


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    file = config.stash[RUN].configured.settings.metrics_file if FILES in config.stash else None
    if file:
        from rollproof.plugin.run_metrics import Metrics  # noqa: PLC0415 (most runs have no use for it)

        try:
            config.stash[METRICS] = metrics = Metrics(config, file)
            config.pluginmanager.register(metrics)
        except Misuse as error:
            raise pytest.UsageError(str(error)) from None
