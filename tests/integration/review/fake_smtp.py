"""A mail server on the loopback that keeps letters, or refuses as it is told."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class FakeSmtp:
    """`refuse` is an answer to RCPT instead of 250, like b"550 no such user"."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    refuse: bytes | None = None
    refuse_data: bytes | None = None


@contextmanager
def smtp_server() -> Iterator[FakeSmtp]:
    fake = FakeSmtp()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 fake\r\n")
            while line := self.rfile.readline():
                verb = line.strip().upper().split(b" ")[0]
                if verb == b"DATA":
                    self._data()
                elif verb == b"RCPT" and fake.refuse:
                    self.wfile.write(fake.refuse + b"\r\n")
                elif verb == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                else:
                    self.wfile.write(b"250 fake\r\n")

        def _data(self) -> None:
            self.wfile.write(b"354 go on\r\n")
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line[1:] if line.startswith(b"..") else line)
            if fake.refuse_data:
                self.wfile.write(fake.refuse_data + b"\r\n")
                return
            fake.letters.append(message_from_bytes(b"".join(lines), policy=policy.default))  # type: ignore[arg-type]
            self.wfile.write(b"250 taken\r\n")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    fake.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
