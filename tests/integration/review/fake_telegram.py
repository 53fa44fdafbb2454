"""A Bot API server on the loopback that remembers what was sent and answers as it is told."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

TOKEN = "123456:a-token-for-tests"


@dataclass
class FakeTelegram:
    """`answers` are used up first, one a sendMessage; `hang` sends the answer too late."""

    url: str = ""
    sent: list[dict[str, str]] = field(default_factory=list)
    answers: deque[dict[str, Any]] = field(default_factory=deque)
    updates: list[dict[str, Any]] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    hang: threading.Event | None = None

    def told(self, method: str, given: dict[str, str]) -> dict[str, Any]:
        if method == "sendMessage":
            if self.answers and not self.answers[0].get("ok"):
                return self.answers.popleft()
            self.sent.append(given)
            if self.hang is not None:
                self.hang.wait(10)
            chat = {"id": int(given["chat_id"]), "type": "private"}
            return {"ok": True, "result": {"message_id": len(self.sent), "date": 0, "chat": chat, "text": "x"}}
        if method == "getUpdates":
            offset = int(given.get("offset", 0))
            return {"ok": True, "result": [each for each in self.updates if each["update_id"] >= offset]}
        if method == "answerCallbackQuery":
            self.answered.append(given["callback_query_id"])
            return {"ok": True, "result": True}
        return {"ok": False, "error_code": 404, "description": "Not Found"}

    def says(self, update_id: int, chat_id: int, text: str, kind: str = "private") -> None:
        chat = {"id": chat_id, "type": kind}
        message = {"message_id": update_id, "date": 0, "chat": chat, "text": text}
        self.updates.append({"update_id": update_id, "message": message})

    def presses(self, update_id: int, chat_id: int, data: str) -> None:
        user = {"id": chat_id, "is_bot": False, "first_name": "x"}
        message = {"message_id": 1, "date": 1, "chat": {"id": chat_id, "type": "private"}, "text": "x"}
        query = {"id": str(update_id), "from": user, "chat_instance": "1", "data": data, "message": message}
        self.updates.append({"update_id": update_id, "callback_query": query})


def refusal(code: int, description: str, **parameters: int) -> dict[str, Any]:
    said: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    return {**said, "parameters": parameters} if parameters else said


@contextmanager
def telegram_server() -> Iterator[FakeTelegram]:
    fake = FakeTelegram()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            prefix, _, method = self.path.lstrip("/").partition("/")
            given = _given(self.headers.get("content-type", ""), body)
            said = fake.told(method, given) if prefix == f"bot{TOKEN}" else refusal(401, "Unauthorized")
            payload = json.dumps(said).encode()
            try:
                self.send_response(said.get("error_code", 200))
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)
            except BrokenPipeError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _given(kind: str, body: bytes) -> dict[str, str]:
    if "multipart" in kind:
        boundary = kind.partition("boundary=")[2].encode()
        parts = {}
        for part in body.split(b"--" + boundary)[1:-1]:
            head, _, value = part.strip(b"\r\n").partition(b"\r\n\r\n")
            name = head.decode().partition('name="')[2].partition('"')[0]
            parts[name] = value.decode()
        return parts
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}
