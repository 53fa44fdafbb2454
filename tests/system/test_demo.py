"""What a newcomer does first: the demo plays its day and ends by itself; a lasting system starts, takes, stops."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest

from demo.fake_pbx import signed_headers
from demo.ledger import Ledger
from demo.plan import RECORDINGS_FOLDER, load_plan
from services.local.kafka.node import free_port

pytestmark = [pytest.mark.slow, pytest.mark.models]

OTZVUK = (sys.executable, "-m", "services.cli")
DEMO_SECONDS = 660


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    """One run of `otzvuk demo --once` with a recording of one's own."""
    data = tmp_path_factory.mktemp("demo") / "data"
    own = RECORDINGS_FOLDER / "door-delivery.opus"
    done = subprocess.run(
        [*OTZVUK, "demo", "--once", "--keep", str(data), "--audio", str(own), "--time-limit", str(DEMO_SECONDS - 60)],
        capture_output=True,
        text=True,
        timeout=DEMO_SECONDS,
        check=False,
    )
    return done, data


def test_the_day_ends_well(day: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    done, _ = day
    assert (done.returncode, done.stderr) == (0, ""), done.stdout[-3000:]
    assert "These calls did not arrive" not in done.stdout


def test_every_call_is_in_the_table_with_its_page(day: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    done, _ = day
    rows = re.findall(r"^│(c\d{3}|own)\s.*(/calls/[0-9a-z]+)", done.stdout, re.M)
    assert len({name for name, _ in rows}) == len(load_plan().calls) + 1
    assert len({page for _, page in rows}) == len(rows)


def test_the_sample_sent_calls_of_both_departments_to_listening(
    day: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    done, _ = day
    sellers = set(re.findall(r"│ \d\d:\d\d │ (\S+ \S+) .*listening_counted", done.stdout))
    assert sellers == {
        "Марина Ковалёва",
        "Илья Соколов",
        "Алина Ершова",
        "Денис Рябов",
        "Ксения Волкова",
        "Артём Жуков",
    }


def test_ones_own_recording_gets_a_draft_and_an_address(
    day: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    done, _ = day
    assert re.search(r"Your own call \(drafted\): http://127\.0\.0\.1:\d+/calls/[0-9a-z]+", done.stdout)


def test_everybody_has_a_log_in(day: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    done, _ = day
    roles = re.findall(r"│ \S+\s+│ \S+\s+│ (seller|mentor|controller|head|analyst|admin)\s+│", done.stdout)
    assert len(roles) == 13
    assert set(roles) == {"seller", "mentor", "controller", "head", "analyst", "admin"}


def test_the_door_took_everything_and_put_nothing_aside(
    day: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    _, data = day
    entries = list(Ledger(data / "ledger.jsonl").entries())
    assert {(entry.status, entry.put_aside) for entry in entries} == {(202, 0)}


def test_no_log_holds_a_name_a_number_or_a_word(day: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    _, data = day
    plan = load_plan()
    said = [turn["text"] for turns in plan.dialogues.values() for turn in turns if len(turn["text"]) > 20]
    digits = [re.sub(r"\D", "", call.client) for call in plan.calls]
    for path in (data / "logs").glob("*.log"):
        text = path.read_text(encoding="utf-8")
        plain = text.encode().decode("unicode_escape", errors="ignore")
        assert [phrase for phrase in said if phrase in plain or phrase in text] == [], path.name
        assert [number for number in digits if number in text] == [], path.name
        assert "Ковалёва" not in plain
        assert "Ковалёва" not in text


class Page:
    """A person at the lasting system, by its JSON API."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))

    def log_in(self, login: str, password: str) -> dict[str, Any]:
        """Opens a session and tells whose."""
        body = json.dumps({"login": login, "password": password}).encode()
        headers = {"Content-Type": "application/json", "Origin": self._address}
        with self._opener.open(Request(f"{self._address}/api/v1/session", body, headers), timeout=20) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


@pytest.fixture
def lasting(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path, str, str]]:
    """`otzvuk up` with the embedded broker: process, data folder, address of the page, address of the door."""
    page, door = free_port(), free_port()
    data = tmp_path / "data"
    command = [*OTZVUK, "up", "--embedded", "--data", str(data), "--port", str(page), "--door-port", str(door)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        yield process, data, f"http://127.0.0.1:{page}", f"http://127.0.0.1:{door}"
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def until(process: subprocess.Popen[str], words: str) -> str:
    """What the process said until a line with these words."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(f"ended without “{words}”: {said}")


def test_a_lasting_system_starts_lets_its_administrator_in_takes_an_event_and_ends_on_ctrl_c(
    lasting: tuple[subprocess.Popen[str], Path, str, str],
) -> None:
    process, data, page, door = lasting
    said = until(process, "Ctrl-C ends all")
    assert "The embedded broker cannot do what a lasting system wants" in said

    made = subprocess.run(
        [*OTZVUK, "admin", "create"],
        env={**os.environ, "OTZVUK_DATA_FOLDER": str(data)},
        capture_output=True,
        text=True,
        check=True,
    )
    password = made.stdout.split(": ")[-1].strip()
    assert Page(page).log_in("admin", password)["role"] == "admin"

    looked = subprocess.run(
        [*OTZVUK, "doctor"],
        env={**os.environ, "OTZVUK_DATA_FOLDER": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert looked.returncode == 0, looked.stdout + looked.stderr
    assert (data / "system.env").stat().st_mode & 0o077 == 0

    secret = json.loads((data / "secrets.json").read_text(encoding="utf-8"))["pbx"]
    event = {"event": "call.started", "event_id": "e-1", "occurred_at": "2026-11-23T09:00:00+03:00"}
    event["data"] = {"call_id": "x-1", "direction": "in"}  # type: ignore[assignment]
    body = json.dumps(event).encode()
    stamp = int(time.time())
    request = Request(f"{door}/v1/events/pbx", body, signed_headers(secret, body, stamp))
    with build_opener().open(request, timeout=20) as answer:
        assert (answer.status, json.load(answer)["accepted"]) == (202, 1)

    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0


def children(parent: int) -> list[int]:
    """Process ids of its children (Linux)."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(path.parent.name))
    return found


def test_nothing_goes_on_when_the_system_is_killed(lasting: tuple[subprocess.Popen[str], Path, str, str]) -> None:
    process, *_ = lasting
    until(process, "Ctrl-C ends all")
    left = children(process.pid)
    assert len(left) == 6  # broker, ingest, transcribe, score, two of review
    process.kill()
    deadline = time.monotonic() + 60
    while left and time.monotonic() < deadline:
        left = [pid for pid in left if Path(f"/proc/{pid}").exists()]
        time.sleep(0.2)
    assert left == []
