"""The past weeks are written by a process of their own, beside the system that starts and plays its day."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from demo.past import PEOPLE
from demo.system import CommandFailed

END_SECONDS = 600


class PastProcess:
    """`python -m demo.past` with a system's settings; what it says goes to a log beside the services' logs."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._environment, self._log = environment, log
        self._process: subprocess.Popen[str] | None = None

    def start(self, people: Path, day: date) -> None:
        """Begins; `people` is the company's file, `day` the demo's day."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("w", encoding="utf-8") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "demo.past", str(people), "--before", day.isoformat()],
                env=dict(self._environment), stdout=subprocess.PIPE, stderr=errors, text=True,
            )  # fmt: skip

    def wait_people(self) -> None:
        """Returns when the people are in; the rest goes on. Raises CommandFailed."""
        assert self._process is not None
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != PEOPLE:
            self.wait_done()

    def wait_done(self) -> None:
        """Returns when everything is in. Raises CommandFailed."""
        assert self._process is not None
        self._process.communicate(timeout=END_SECONDS)
        if self._process.returncode != 0:
            said = self._log.read_text(encoding="utf-8").strip()[-600:]
            raise CommandFailed(f"The past weeks could not be written: {said}")

    def stop(self) -> None:
        """Ends it, done or not."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()
