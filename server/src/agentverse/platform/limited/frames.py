"""What parent and child say to each other: JSON with its length before it, nothing executable."""

import json
import socket
import struct
from typing import Any, Final

LENGTH: Final = struct.Struct("!I")
# A child that was taken over may not fill its parent's memory.
LARGEST_FRAME: Final = 64 * 1024 * 1024


class ConnectionEnded(Exception):
    """The other side is gone, or says what no side of ours says."""


def send(connection: socket.socket, document: Any) -> None:
    body = json.dumps(document, default=_plain).encode()
    connection.sendall(LENGTH.pack(len(body)) + body)


def _plain(value: Any) -> Any:
    """numpy's numbers as Python's, anything else as its text."""
    return value.item() if hasattr(value, "item") else str(value)


def receive(connection: socket.socket) -> Any:
    """The next document; raises ConnectionEnded, or TimeoutError as the socket is set."""
    (length,) = LENGTH.unpack(_exactly(connection, LENGTH.size))
    if length > LARGEST_FRAME:
        raise ConnectionEnded
    try:
        return json.loads(_exactly(connection, length))
    except ValueError as error:
        raise ConnectionEnded from error


def _exactly(connection: socket.socket, size: int) -> bytes:
    parts: list[bytes] = []
    while size:
        try:
            part = connection.recv(min(size, 1024 * 1024))
        except ConnectionError as error:
            raise ConnectionEnded from error
        if not part:
            raise ConnectionEnded
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
