from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_host.processes import azurite
from local_host.processes.azurite import AzuriteUnavailable, Ports


@pytest.fixture
def stranger() -> Iterator[int]:
    """The port of an HTTP server that is no Azurite."""
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_running_azurite_is_reused_and_left_running(tmp_path: Path) -> None:
    first = azurite.start(tmp_path / "data", Ports())
    try:
        second = azurite.provide(tmp_path / "other", Ports(first.ports.blob, first.ports.queue))
        assert second.process is None
        assert f"BlobEndpoint=http://127.0.0.1:{first.ports.blob}/devstoreaccount1" in second.connection_string
        second.close()
        assert first.process is not None
        assert first.process.poll() is None
        assert not (tmp_path / "other").exists()
        with pytest.raises(AzuriteUnavailable, match="expected Azurite's blob service, found Azurite-Queue"):
            azurite.provide(tmp_path / "other", Ports(first.ports.queue, first.ports.blob))
    finally:
        first.close()


def test_half_open_ports_are_refused_by_name(tmp_path: Path, stranger: int, closed_port: int) -> None:
    with pytest.raises(AzuriteUnavailable, match=f"only one of Azurite's ports is open: on {stranger}"):
        azurite.provide(tmp_path, Ports(stranger, closed_port))


def test_other_server_on_the_ports_is_refused_by_name(tmp_path: Path, stranger: int) -> None:
    with pytest.raises(AzuriteUnavailable, match=f"port {stranger} is taken"):
        azurite.provide(tmp_path, Ports(stranger, stranger))
