from collections.abc import Iterator
from pathlib import Path

import pytest
from app import App
from webhook_receiver import SECRET, Receiver, receiving


@pytest.fixture(scope="session")
def webhook() -> Iterator[Receiver]:
    """Who is told of the end of every run of `app`."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory, webhook: Receiver) -> Iterator[App]:
    settings = {"COMPLETION_WEBHOOK_URL": webhook.url, "COMPLETION_WEBHOOK_SECRET": SECRET}
    running = App(tmp_path_factory.mktemp("app"), **settings).start()
    yield running
    assert running.stop() == 0, running.log()


@pytest.fixture
def own_app(tmp_path: Path) -> Iterator[App]:
    """An app of the test's own, to be killed."""
    running = App(tmp_path)
    yield running
    if running.process.poll() is None:
        running.stop()
