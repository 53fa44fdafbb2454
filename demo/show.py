"""Plays the demo's day: starts the system, lets the fake PBX send, watches the calls arrive, shows the result."""

from __future__ import annotations

import os
import random
import re
import secrets
import shutil
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import yaml
from rich.live import Live

from demo import own_recording, view
from demo.company import COMPANY_FILE, load_company
from demo.fake_pbx import Door, FakePbx, RecordingServer, disordered
from demo.ledger import Ledger
from demo.past.process import PastProcess
from demo.plan import RECORDINGS_FOLDER, PlannedCall, load_plan
from demo.progress import Progress, Stage, counts, goals, missing
from demo.script import CRM, PBX, Script, working_day
from demo.system import LocalSystem, Ports
from demo.watch import Watcher
from services.runtime import logs

HISTORY_SECONDS = 20.0  # the longest wait for what is sent of earlier days
DAY_SECONDS = 14.0  # how long the day takes to play
SAMPLE_SECONDS = 40.0
SEED = 20261124


class Show:
    """One run of the demo over one data folder."""

    def __init__(self, data: Path, review_port: int | None, audio: Path | None, time_limit: int) -> None:
        self._data, self._audio, self._limit = data, audio, time_limit
        self._company, self._plan = load_company(), load_plan()
        self._began = time.monotonic()
        self._first_draft: float | None = None
        self._own: str | None = None  # the PBX's id of the newcomer's own call, until it is shown
        self._console = view.console()
        self._password = secrets.token_urlsafe(9)
        sounds = data / "pbx"
        shutil.copytree(RECORDINGS_FOLDER, sounds, dirs_exist_ok=True)
        self._sounds = RecordingServer(sounds)
        self.system = LocalSystem(data, Ports.choose(review=review_port), demo_settings(self._sounds))
        self._past = PastProcess(os.environ | self.system.environment, data / "logs" / "past.log")
        self._watcher = Watcher(lambda: self.system.supervisor.bootstrap)
        door = Door(self.system.webhook, {PBX: self.system.secrets.pbx, CRM: self.system.secrets.crm})
        self.ledger = Ledger(data / "ledger.jsonl")
        self._pbx = FakePbx(door, self.ledger)
        self._script = Script(
            self._plan, self._company, working_day(datetime.now(UTC), self._company), self._sounds.url
        )
        self._calls = [(self._script.name(call), call) for call in self._plan.calls]
        self._sender = threading.Thread(target=self._play, args=(sounds,), name="demo-pbx", daemon=True)

    def run(self) -> bool:
        """Plays the day; whether every call arrived where it should."""
        self._console.print("Starting the system…")
        logs.configure("demo", "ERROR", plain=True)
        people = self._people()
        try:
            self._past.start(people, self._script.played_on)
            self.system.start()
            self._past.wait_people()
        finally:
            people.unlink()
        self._console.print(f"Ready after {self._seconds():.0f} s. The fake PBX plays a day.")
        self._watcher.start()
        self._sounds.start()
        self._sender.start()
        arrived = self._wait(lambda progress: not missing(self._calls, progress), self._limit)
        drafted_after = self._seconds()
        self._past.wait_done()
        if arrived:
            self._sample()
        self._show(arrived, drafted_after)
        return arrived

    def stay(self) -> None:
        """Keeps the system up until Ctrl-C."""
        self._console.print("The system stays up; Ctrl-C ends it.")
        while True:
            self.system.supervisor.check()
            time.sleep(0.5)

    def close(self) -> None:
        """Ends everything that was started."""
        self._pbx.stop()
        self._watcher.stop()
        self._past.stop()
        self.system.stop()
        if self._sender.is_alive():
            self._sender.join()
        self._sounds.stop()

    def _people(self) -> Path:
        """The file with the company's people, each with the same fresh password; gone when they are in."""
        raw = yaml.safe_load(COMPANY_FILE.read_text(encoding="utf-8"))
        for person in raw["people"]:
            person |= {"login": person["id"], "password": self._password}
        raw["people"] += raw["former"]
        path = self._data / "people.yaml"
        path.touch(mode=0o600)
        path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
        return path

    def _play(self, sounds: Path) -> None:
        """The fake PBX's day: history first, the newcomer's own recording, then the calls."""
        rng = random.Random(SEED)
        before = self._script.before()
        self._pbx.send_history(before)
        # the door serves new events before old work, so the day begins when the days before are through
        earlier = {event.data["call_id"] for event in before if "call_id" in event.data}
        self._watcher.wait(lambda seen: earlier <= seen.by_provider_id().keys(), HISTORY_SECONDS, lambda: None)
        if self._audio is not None:
            served = own_recording.place(self._audio, sounds)
            name, events = own_recording.events(served, self._company, datetime.now(UTC), self._sounds.url)
            self._own = name
            self._calls.insert(0, (name, _own_call(self._company.sellers()[0].id)))
            self._pbx.play(events, 0.0)
        self._pbx.play(disordered(self._script.day(), rng), DAY_SECONDS)

    def _wait(self, question: Any, seconds: float) -> bool:
        """Waits with the live picture until the answer is yes."""
        goal = goals(call for _, call in self._calls)
        if not self._console.is_terminal:
            return self._wait_in_lines(question, seconds, goal)
        with Live(console=self._console, refresh_per_second=4) as live:
            return self._watcher.wait(
                question,
                seconds,
                lambda: self._tick(
                    lambda progress: live.update(
                        view.moving(self._mine(progress), goal, self._seconds(), self._first_draft)
                    )
                ),
            )

    def _wait_in_lines(self, question: Any, seconds: float, goal: dict[Stage, int]) -> bool:
        last = [0.0]

        def say(progress: Progress) -> None:
            if time.monotonic() - last[0] > 5:
                last[0] = time.monotonic()
                self._console.print(view.line(self._mine(progress), goal, self._seconds()))

        return self._watcher.wait(question, seconds, lambda: self._tick(say))

    def _tick(self, show: Any) -> None:
        self.system.supervisor.check()
        if self._first_draft is None and self._watcher.look(
            lambda progress: any(one.drafts for one in progress.calls())
        ):
            self._first_draft = self._seconds()
        if self._own is not None:
            self._watcher.look(self._open_own)
        self._watcher.look(show)

    def _mine(self, progress: Progress) -> list[Any]:
        """The states of the day's calls, without the attempts of earlier days."""
        states = progress.by_provider_id()
        return [states[name] for name, _ in self._calls if name in states]

    def _sample(self) -> None:
        """The end of the working day: the counted sample goes to the controllers."""
        said = self.system.run("sample", "run", "--date", self._script.played_on.isoformat())
        chosen = sum(int(number) for number in re.findall(r": (\d+) of \d+ calls", said))
        self._wait(lambda progress: counts(self._mine(progress))[Stage.LISTENING] >= chosen, SAMPLE_SECONDS)

    def _show(self, arrived: bool, seconds: float) -> None:
        states = self._watcher.look(lambda progress: progress.by_provider_id())
        self._console.print(view.result(self._calls, states, self._company, self.system.page))
        self._console.print(view.logins(self._company, self._password))
        first = "–" if self._first_draft is None else f"{self._first_draft:.1f} s"
        self._console.print(f"First draft after {first}; every call where it should be after {seconds:.1f} s.")
        if not arrived:
            self._console.print("These calls did not arrive:", style="bold red")
            for text in self._watcher.look(lambda progress: missing(self._calls, progress)):
                self._console.print(f"  {text}", style="red")
        self._console.print(f"Review page: {self.system.page}", style="bold")
        if self._audio is not None and self._own is not None:
            self._console.print("Your own recording did not get a draft in time.", style="red")

    def _open_own(self, progress: Progress) -> None:
        """Shows the newcomer's own call as soon as there is something to see."""
        state = progress.by_provider_id().get(str(self._own))
        if state is None or not (state.drafts or state.failure):
            return
        self._own = None
        address = f"{self.system.page}/calls/{state.call_id}"
        self._console.print(f"Your own call ({state.failure or 'drafted'}): {address}", style="bold")
        if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            click.launch(address)

    def _seconds(self) -> float:
        return time.monotonic() - self._began


def demo_settings(sounds: RecordingServer) -> dict[str, str]:
    """Settings that only the demo has: a PBX on loopback, a small model, the sample at its end."""
    return {
        "OTZVUK_INGEST_RECORDING_HOSTS": '["127.0.0.1"]',
        "OTZVUK_INGEST_RECORDING_PORTS": f"[{sounds.port}]",
        "OTZVUK_INGEST_RECORDING_HTTP": "true",
        "OTZVUK_INGEST_RECORDING_LOOPBACK": "true",
        "OTZVUK_TRANSCRIBE_MODEL": "base",
        "OTZVUK_WORK_LEASE_SECONDS": "15",
        "OTZVUK_REVIEW_SECOND_FACTOR": "off",
        "OTZVUK_REVIEW_SAMPLE_AUTOMATIC": "false",
    }


def _own_call(seller: str) -> PlannedCall:
    """What is expected of the newcomer's own recording: that it gets a draft, or a named reason why not."""
    now = datetime.now(UTC)
    return PlannedCall(
        id="own", at=f"{now:%H:%M:%S}", seller=seller, direction="in", client="", ring_s=5,
        outcome="answered", talk_ms=0, expected="ended",
    )  # fmt: skip
