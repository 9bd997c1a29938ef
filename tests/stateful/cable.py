"""A cable between the test and its page: a WebSocket on loopback, read by the test itself.

Playwright opens the page and then stands aside. Each of its calls walks the stack of the caller and
passes through another process; here a step of the machine costs one message there and one back,
and everything happens in one thread, in an order that is the same each time.
"""

from __future__ import annotations

import base64
import hashlib
import socket
import struct

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
TEXT = 0x81
ANSWER_WITHIN_S = 60.0


class Cable:
    """The test's end. `port` is where the page's end calls; then `accept`."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._line: socket.socket | None = None
        self._unread = bytearray()

    def accept(self) -> None:
        """Take the page's call, and shake hands."""
        self._listening.settimeout(ANSWER_WITHIN_S)
        self._line, _ = self._listening.accept()
        self._line.settimeout(ANSWER_WITHIN_S)
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while b"\r\n\r\n" not in self._unread:
            self._read_more()
        head, _, rest = bytes(self._unread).partition(b"\r\n\r\n")
        self._unread = bytearray(rest)
        lines = [line.partition(b":") for line in head.split(b"\r\n")]
        key = next(value.strip() for name, _, value in lines if name.lower() == KEY)
        accepted = base64.b64encode(hashlib.sha1(key + MAGIC).digest())  # noqa: S324 - RFC 6455
        self._line.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accepted + b"\r\n\r\n"
        )

    def tell(self, text: str) -> None:
        """One message to the page."""
        data = text.encode()
        size = len(data)
        if size < 126:
            head = struct.pack("!BB", TEXT, size)
        elif size < 1 << 16:
            head = struct.pack("!BBH", TEXT, 126, size)
        else:
            head = struct.pack("!BBQ", TEXT, 127, size)
        assert self._line is not None
        self._line.sendall(head + data)

    def hear(self) -> str:
        """The next message of the page. Raises TimeoutError where it has fallen silent."""
        whole = bytearray()
        while True:
            first, second = self._take(2)
            size = second & 0x7F
            if size == 126:
                (size,) = struct.unpack("!H", self._take(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", self._take(8))
            mask = self._take(4)
            data = self._take(size)
            if first & 0x0F == 0x08:
                raise ConnectionError("the page has hung up")
            whole += _unmasked(data, mask)
            if first & 0x80:
                return whole.decode()

    def close(self) -> None:
        """Hang up."""
        if self._line is not None:
            self._line.close()
        self._listening.close()

    def _take(self, size: int) -> bytes:
        while len(self._unread) < size:
            self._read_more()
        data = bytes(self._unread[:size])
        del self._unread[:size]
        return data

    def _read_more(self) -> None:
        assert self._line is not None
        data = self._line.recv(1 << 16)
        if not data:
            raise ConnectionError("the page is gone")
        self._unread += data


KEY = b"sec-websocket-key"


def _unmasked(data: bytes, mask: bytes) -> bytes:
    size = len(data)
    whole = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(whole, "big")).to_bytes(size, "big")
