from collections.abc import Iterator
from pathlib import Path

import pytest
from app import App


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    running = App(tmp_path_factory.mktemp("app")).start()
    yield running
    assert running.stop() == 0, running.log()


@pytest.fixture
def own_app(tmp_path: Path) -> Iterator[App]:
    """An app of the test's own, to be killed."""
    running = App(tmp_path)
    yield running
    if running.process.poll() is None:
        running.stop()
