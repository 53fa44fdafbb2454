"""Web hosts on loopback that behave as told, and a canary that nobody may touch."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

AUDIO = b"RIFF" + bytes(range(256)) * 40


class Host:
    """A server whose paths are functions of its request handler."""

    def __init__(self) -> None:
        self.paths: dict[str, Callable[[Any], None]] = {}
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.stopping = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.seen.append((self.command, self.path, headers, self.rfile.read(length)))
                self.close_connection = True
                outer.paths.get(self.path, not_found)(self)

            do_POST = do_GET  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that hangs up is what these tests are about."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def close(self) -> None:
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)

    def dripping(self, first: bytes, drop: bytes) -> Callable[[Any], None]:
        """Sends something, then a byte now and then until somebody hangs up."""

        def answer(handler: Any) -> None:
            handler.wfile.write(first)
            while not self.stopping.wait(0.02):
                handler.wfile.write(drop)
                handler.wfile.flush()

        return answer


def answered(status: int, body: bytes = b"", **headers: str) -> Callable[[Any], None]:
    """A plain answer; header names with _ for -."""

    def answer(handler: Any) -> None:
        handler.send_response(status)
        given = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        for name, value in ({"content-length": str(len(body))} | given).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


not_found = answered(404)


def endless(handler: Any) -> None:
    """A chunked body without an end."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    chunk = b"10000\r\n" + b"\0" * 65_536 + b"\r\n"
    while True:
        handler.wfile.write(chunk)


def bomb(mebibytes: int) -> bytes:
    """Zeros, a thousand times smaller than they are."""
    return gzip.compress(bytes(mebibytes * 2**20), 9)


@contextmanager
def hosts(number: int) -> Iterator[list[Host]]:
    """That many hosts, closed at the end."""
    made = [Host() for _ in range(number)]
    try:
        yield made
    finally:
        for host in made:
            host.close()


class Canary:
    """Listens and counts; a test asserts that nobody came."""

    def __init__(self) -> None:
        self.visits = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.05)
        self.port = self._socket.getsockname()[1]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                visitor, _ = self._socket.accept()
            except TimeoutError:
                continue
            self.visits += 1
            visitor.close()

    def close(self) -> None:
        time.sleep(0)  # lets a connection that is on its way be seen
        self._stop.set()
        self._thread.join(5)
        self._socket.close()
