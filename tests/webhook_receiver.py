"""A receiver of webhooks on this machine, that answers as it is told."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = b"k" * 32
SECRET = "whsec_" + base64.b64encode(KEY).decode()


@dataclass
class Receiver:
    url: str = ""
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """What the next requests about that get; 204 when there are none left."""
    about: bytes = b""
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    pause_s: float = 0.0


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.requests.append((self.path, headers, body))
            time.sleep(receiver.pause_s)
            status, more = receiver.answers.pop(0) if receiver.answers and receiver.about in body else (204, {})
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook?sig=hush"
        yield receiver
        server.shutdown()
