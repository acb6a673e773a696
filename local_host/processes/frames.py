"""Messages between the host and its workers: a length of four bytes, then JSON."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from typing import Any

_LENGTH = struct.Struct("!I")


def encode(message: dict[str, Any]) -> bytes:
    """One message as bytes."""
    body = json.dumps(message).encode()
    return _LENGTH.pack(len(body)) + body


async def read_async(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    """The next message; None when the other side is gone."""
    try:
        (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        content: dict[str, Any] = json.loads(await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return content


def read(connection: socket.socket) -> dict[str, Any] | None:
    """The next message; None when the other side is gone."""
    try:
        head = _read_exactly(connection, _LENGTH.size)
        body = _read_exactly(connection, _LENGTH.unpack(head)[0]) if head else None
    except ConnectionError:
        return None
    if not body:
        return None
    content: dict[str, Any] = json.loads(body)
    return content


def _read_exactly(connection: socket.socket, length: int) -> bytes | None:
    chunks = bytearray()
    while len(chunks) < length:
        chunk = connection.recv(length - len(chunks))
        if not chunk:
            return None
        chunks += chunk
    return bytes(chunks)
