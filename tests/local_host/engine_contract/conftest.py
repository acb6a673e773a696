from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from contract_bench import Bench, MakeBench
from contract_script import Gate, script


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.opened.set()


@pytest.fixture(scope="session")
def closers() -> Iterator[ThreadPoolExecutor]:
    """The SDK's worker takes a second to stop: nobody needs to wait for it."""
    with ThreadPoolExecutor(8) as made:
        yield made


@pytest.fixture(params=["embedded", "remote"])
def make_bench(
    request: pytest.FixtureRequest, tmp_path: Path, gate: Gate, closers: ThreadPoolExecutor
) -> Iterator[MakeBench]:
    """Every test of the contract runs on both: the engine itself, and the engine behind gRPC."""
    with ExitStack() as stack:

        def make(**options: int) -> Bench:
            made = Bench(request.param, tmp_path, script(gate), **options)
            made.open()
            stack.callback(closers.submit, made.close)
            return made

        yield make


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench()
