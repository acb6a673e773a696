from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from running_host import Azurite, RunningHost, StartHost, running


@pytest.fixture(scope="module")
def host_of(azurite: Azurite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartHost]:
    """One running host for each tiny app that a module asks for."""
    started: dict[str, RunningHost] = {}
    with ExitStack() as stack:

        def start(app: str, *options: str, **settings: str) -> RunningHost:
            if app not in started:
                state: Path = tmp_path_factory.mktemp(app)
                storage = {"AzureWebJobsStorage": azurite.connection_string}
                started[app] = stack.enter_context(
                    running(app, state, "--workers", "1", *options, **storage, **settings)
                )
            return started[app]

        yield start
