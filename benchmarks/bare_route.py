"""The baseline of the door: a FastAPI route that commits the same bytes to an SQLite file, and nothing else."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading

import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import Response


def make(path: str) -> FastAPI:
    """The app; WAL and `synchronous=FULL`, as the door has them."""
    app = FastAPI()
    local = threading.local()

    def connection() -> sqlite3.Connection:
        if not hasattr(local, "connection"):
            local.connection = sqlite3.connect(path, isolation_level=None, timeout=10)
            local.connection.execute("PRAGMA journal_mode=WAL")
            local.connection.execute("PRAGMA synchronous=FULL")
        opened: sqlite3.Connection = local.connection
        return opened

    connection().execute("CREATE TABLE IF NOT EXISTS raw (id INTEGER PRIMARY KEY, body BLOB)")

    def commit(body: bytes) -> None:
        connection().execute("BEGIN IMMEDIATE")
        connection().execute("INSERT INTO raw (body) VALUES (?)", (body,))
        connection().execute("COMMIT")

    @app.post("/v1/events/{source}", status_code=202)
    async def events(source: str, request: Request) -> Response:
        body = await request.body()
        await asyncio.get_running_loop().run_in_executor(None, commit, body)
        return Response('{"accepted": 1}', 202, media_type="application/json")

    @app.get("/health/ready")
    async def ready() -> Response:
        return Response("{}", media_type="application/json")

    return app


if __name__ == "__main__":
    uvicorn.run(make(sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2]), access_log=False, log_level="warning")
