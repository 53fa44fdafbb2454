"""The whole system on one machine: which processes, with which settings, over one data folder."""

from __future__ import annotations

import json
import os
import secrets
import shlex
import subprocess
import sys
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.local.kafka.node import free_port
from services.runtime.errors import OtzvukError
from services.runtime.settings import CHOSEN
from services.runtime.supervisor import Process, Supervisor

# Name of a process → what follows `otzvuk`. The pages are a process of their own: they answer whatever else happens.
PROCESSES = {
    "ingest": ("ingest",),
    "transcribe": ("transcribe",),
    "score": ("score",),
    "review": ("review", "--part", "web"),
    "review_worker": ("review", "--part", "worker"),
}
PREFIX = "OTZVUK_"
# Caches of weights and jars may lie elsewhere for a demo too.
CACHES = ("OTZVUK_MODELS_FOLDER", "OTZVUK_KAFKA_HOME")
BROWSER_PACKAGES = Path(__file__).resolve().parents[1] / "node_modules"
READY_SECONDS = 180.0
COMMAND_SECONDS = 120


class CommandFailed(OtzvukError):
    """A command of ours ended with an error; the text is what it said."""

    code = "command_failed"


@dataclass(frozen=True)
class Ports:
    """Where the processes listen on 127.0.0.1."""

    ingest: int
    transcribe: int
    score: int
    review: int
    review_worker: int

    @classmethod
    def choose(cls, *, review: int | None = None, door: int | None = None) -> Ports:
        """Free ports; those of the door and of the review page may be given."""
        others = [free_port() for _ in range(3)]
        return cls(door or free_port(), others[0], others[1], review or free_port(), others[2])


@dataclass(frozen=True)
class Secrets:
    """What must not be guessed; made once for a data folder and kept there, readable by its owner only."""

    client_key: str
    pbx: str
    crm: str

    @classmethod
    def of(cls, data: Path) -> Secrets:
        """Reads the secrets of this folder, or makes them."""
        path = data / "secrets.json"
        if path.exists():
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        made = cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(24))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(made.__dict__, stream)
        return made


class LocalSystem:
    """Every service in a supervised process over one folder, with SQLite and a local folder for sound."""

    def __init__(
        self,
        data: Path,
        ports: Ports,
        extra: Mapping[str, str],
        *,
        given: Container[str] = (),
        kafka: str | None = None,
    ) -> None:
        """`extra` are settings besides; those named in `given` are left to the environment or `.env`; `kafka` is a
        real broker's address, None for the embedded one."""
        self.data, self.ports = data, ports
        data.mkdir(parents=True, exist_ok=True)
        self.secrets = Secrets.of(data)
        chosen = {name: value for name, value in self._choices().items() if name not in given}
        self.environment = {**chosen, **self._places(), **extra}
        if kafka is not None:
            self.environment |= {"OTZVUK_KAFKA_BOOTSTRAP": kafka, "OTZVUK_KAFKA_FLAVOUR": "apache"}
        self.supervisor = Supervisor(
            [Process(name, arguments, getattr(ports, name)) for name, arguments in PROCESSES.items()],
            logs=data / "logs",
            environment=self.environment,
            embedded_broker=kafka is None,
        )

    @property
    def webhook(self) -> str:
        """Base address of the door for PBX and CRM."""
        return f"http://127.0.0.1:{self.ports.ingest}"

    @property
    def page(self) -> str:
        """Address of the review page."""
        return f"http://127.0.0.1:{self.ports.review}"

    def start(self) -> None:
        """Starts everything and returns when every process says that it is ready. Raises NotStarted."""
        self.supervisor.start()
        self.supervisor.wait_ready(READY_SECONDS)

    def stop(self) -> None:
        """Ends everything in order."""
        self.supervisor.stop()

    def run(self, *arguments: str) -> str:
        """Runs an `otzvuk` command with this system's settings; its output. Raises CommandFailed."""
        environment = {**os.environ, **self.environment}
        if self.supervisor.pids():
            environment |= {"OTZVUK_KAFKA_BOOTSTRAP": self.supervisor.bootstrap}
        done = subprocess.run(
            [sys.executable, "-m", "services.cli", *arguments],
            env=environment, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise CommandFailed(f"otzvuk {' '.join(arguments)}: {(done.stderr or done.stdout).strip()[-600:]}")
        return done.stdout

    def write_settings(self) -> None:
        """Leaves what was chosen in the data folder, where every other `otzvuk` command finds it (RuntimeSettings)."""
        chosen = {**self.environment, "OTZVUK_KAFKA_BOOTSTRAP": self.supervisor.bootstrap}
        if "OTZVUK_KAFKA_FLAVOUR" not in self.environment:
            chosen["OTZVUK_KAFKA_FLAVOUR"] = "embedded"
        lines = [f"{name}={shlex.quote(value)}\n" for name, value in sorted(chosen.items()) if name.startswith(PREFIX)]
        descriptor = os.open(self.data / CHOSEN, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.writelines(lines)

    def _places(self) -> dict[str, str]:
        """Where this system is: settings that only we can know."""
        ports = {f"OTZVUK_{name.upper()}_HTTP_PORT": str(getattr(self.ports, name)) for name in PROCESSES}
        return ports | {"OTZVUK_DATA_FOLDER": str(self.data), "PYTHONUNBUFFERED": "1"}

    def _choices(self) -> dict[str, str]:
        """What a person may set otherwise."""
        webhook = {"pbx": [self.secrets.pbx], "crm": [self.secrets.crm]}
        return {
            "OTZVUK_CLIENT_KEY_SECRET": self.secrets.client_key,
            "OTZVUK_INGEST_WEBHOOK_SECRETS": json.dumps(webhook),
            "OTZVUK_REVIEW_BROWSER_PACKAGES": str(BROWSER_PACKAGES),
        }


def settings_given() -> frozenset[str]:
    """Names of the settings that stand in the environment or in `.env` of this folder."""
    from dotenv import dotenv_values

    return frozenset(name for name in {**dotenv_values(".env"), **os.environ} if name.startswith(PREFIX))


def forget_settings(data: Path) -> None:
    """Makes this process deaf to settings from outside: a demo must not write where somebody works."""
    for name in settings_given() - set(CACHES):
        os.environ.pop(name, None)
    os.chdir(data)
