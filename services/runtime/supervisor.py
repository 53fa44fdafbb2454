"""Starts the processes of a whole system on one machine, starts the fallen anew, ends all together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from services.runtime.errors import OtzvukError
from services.runtime.logs import log

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 15.0
CALM_SECONDS = 30.0
STOP_SECONDS = 25.0
BROKER_SECONDS = 30.0
LOOK_SECONDS = 1.0
ENDS_WITH = "OTZVUK_ENDS_WITH"  # process id of the supervisor, for its processes


def end_with_supervisor() -> None:
    """In a supervised process: ends it in order when its supervisor is gone, whatever killed that one."""
    named = os.environ.pop(ENDS_WITH, None)
    if named is None:
        return

    def look() -> None:
        while os.getppid() == int(named):
            time.sleep(LOOK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(STOP_SECONDS)
        os._exit(1)  # its broker is gone too: what is under way waits in the database

    threading.Thread(target=look, name="supervisor-alive", daemon=True).start()


class NotStarted(OtzvukError):
    """A process did not come up in time; its log says why."""

    code = "not_started"


@dataclass(frozen=True, slots=True)
class Process:
    """One process: arguments after `otzvuk`, own environment, and the port where it tells its health."""

    name: str
    arguments: tuple[str, ...]
    health_port: int
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Child:
    process: Process
    running: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS
    due_at: float = 0.0
    restarts: int = 0


class Supervisor:
    """`embedded_broker`: also runs the broker of `demo`; when that one falls, everything is started anew."""

    def __init__(
        self, processes: Sequence[Process], *, logs: Path, environment: Mapping[str, str], embedded_broker: bool
    ) -> None:
        self._children = {process.name: _Child(process) for process in processes}
        self._logs = logs
        self._environment = dict(environment)
        self._embedded = embedded_broker
        self._broker: subprocess.Popen[bytes] | None = None
        logs.mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        """Starts everything (not yet ready; see `wait_ready`). Raises NotStarted."""
        if self._embedded:
            self._start_broker()
        for child in self._children.values():
            self._start(child)

    def pids(self) -> dict[str, int]:
        """Process id by name, of those that run."""
        return {name: child.running.pid for name, child in self._children.items() if child.running is not None}

    def restarts(self) -> dict[str, int]:
        """How often each process was started anew."""
        return {name: child.restarts for name, child in self._children.items()}

    def check(self) -> None:
        """One look: starts what has fallen, after a pause that grows. Call it every half second or so."""
        if self._broker is not None and self._broker.poll() is not None:
            log.warning("supervisor.broker_fell")
            self._stop_children()
            self._start_broker()
            for child in self._children.values():
                self._start(child)
            return
        now = time.monotonic()
        for child in self._children.values():
            if child.running is not None and child.running.poll() is not None:
                log.warning("supervisor.fell", process=child.process.name, exit_code=child.running.returncode)
                calm = now - child.started_at > CALM_SECONDS
                child.pause = FIRST_PAUSE_SECONDS if calm else min(child.pause * 2, LONGEST_PAUSE_SECONDS)
                child.due_at, child.running = now + child.pause, None
            if child.running is None and now >= child.due_at:
                child.restarts += 1
                self._start(child)

    def wait_ready(self, seconds: float) -> None:
        """Waits until every process says that it is ready. Raises NotStarted naming the one that does not."""
        until = time.monotonic() + seconds
        for child in self._children.values():
            while not self._is_ready(child):
                if time.monotonic() > until:
                    path = self._logs / f"{child.process.name}.log"
                    raise NotStarted(f"{child.process.name} was not ready after {seconds:.0f} s; see {path}")
                self.check()
                time.sleep(0.1)

    def stop(self) -> None:
        """Ends everything: SIGTERM, then SIGKILL after the grace time."""
        self._stop_children()
        self._end(self._broker)
        self._broker = None

    def _stop_children(self) -> None:
        running = [child.running for child in self._children.values() if child.running is not None]
        for process in running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        for process in running:
            self._end(process, max(0.1, until - time.monotonic()))
        for child in self._children.values():
            child.running = None

    def _end(self, process: subprocess.Popen[bytes] | None, seconds: float = 3.0) -> None:
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _spawn(self, name: str, arguments: Sequence[str], extra: Mapping[str, str]) -> subprocess.Popen[bytes]:
        environment = {**os.environ, **self._environment, **extra, ENDS_WITH: str(os.getpid())}
        with (self._logs / f"{name}.log").open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "services.cli", *arguments],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C goes to us alone; we end the others in order
            )

    def _start(self, child: _Child) -> None:
        child.running = self._spawn(child.process.name, child.process.arguments, child.process.environment)
        child.started_at = time.monotonic()

    def _start_broker(self) -> None:
        address = self._logs / "broker.address"
        address.unlink(missing_ok=True)
        self._broker = self._spawn("broker", ("broker", "--address-file", str(address)), {})
        until = time.monotonic() + BROKER_SECONDS
        while not address.exists():
            if time.monotonic() > until or self._broker.poll() is not None:
                raise NotStarted(f"The embedded broker did not start; see {self._logs / 'broker.log'}")
            time.sleep(0.02)
        self._environment["OTZVUK_KAFKA_BOOTSTRAP"] = address.read_text(encoding="utf-8")
        self._environment["OTZVUK_KAFKA_FLAVOUR"] = "embedded"

    @property
    def bootstrap(self) -> str:
        """Address of the broker that the processes use."""
        return self._environment["OTZVUK_KAFKA_BOOTSTRAP"]

    @staticmethod
    def _is_ready(child: _Child) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{child.process.health_port}/health/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False
