"""A small OpenAI-compatible server on loopback that answers as it is told to, well or badly."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Handler", dict[str, Any]], None]


class Handler(BaseHTTPRequestHandler):
    """One request; the server's script says what becomes of it."""

    server: JudgeServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append({"path": self.path, "headers": dict(self.headers), "body": body})
        script = self.server.script
        step = script[min(len(self.server.asked), len(script)) - 1]
        step(self, body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


class JudgeServer(ThreadingHTTPServer):
    """The script is a list of answers; the last one repeats."""

    daemon_threads = True

    def __init__(self, script: list[Answer]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script = script
        self.asked: list[dict[str, Any]] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


@contextmanager
def judge_server(*script: Answer) -> Iterator[JudgeServer]:
    """A server with that script, for the time of a test."""
    server = JudgeServer(list(script))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def send(handler: Handler, status: int, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def says(content: object, *, finish: str = "stop") -> Answer:
    """A well-formed answer whose message is that content (JSON, or text as it is)."""

    def answer(handler: Handler, _body: dict[str, Any]) -> None:
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}
        send(handler, 200, json.dumps({"choices": [choice]}).encode(), content_type="application/json")

    return answer


def raw(body: bytes, status: int = 200, **headers: str) -> Answer:
    """Those bytes, whatever they are."""
    return lambda handler, _body: send(handler, status, body, **headers)


def hangs(handler: Handler, _body: dict[str, Any]) -> None:
    """No answer until the test is over."""
    handler.server.over.wait(30)


def drips(handler: Handler, _body: dict[str, Any]) -> None:
    """A byte now and then, for ever: every read succeeds and the answer never ends."""
    handler.send_response(200)
    handler.send_header("content-length", "1000000")
    handler.end_headers()
    while not handler.server.over.wait(0.05):
        try:
            handler.wfile.write(b" ")
            handler.wfile.flush()
        except OSError:
            return


def cuts(handler: Handler, _body: dict[str, Any]) -> None:
    """Half an answer, then the connection is gone."""
    handler.send_response(200)
    handler.send_header("content-length", "500")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [{"message"')
    handler.close_connection = True
