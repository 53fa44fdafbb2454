"""Each service is killed with -9 while the demo runs; the fake PBX's ledger says afterwards if anything was lost."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition

from demo.company import load_company
from demo.fake_pbx import Door, FakePbx, RecordingServer, disordered
from demo.ledger import Ledger
from demo.plan import RECORDINGS_FOLDER, Plan, PlannedCall, load_plan
from demo.progress import missing
from demo.script import CRM, PBX, Script, working_day
from demo.show import demo_settings
from demo.system import PROCESSES, LocalSystem, Ports
from demo.watch import Watcher
from schemas.codec import Event, decode
from tests.faults.seeded import rng

pytestmark = [pytest.mark.slow, pytest.mark.models]

CALLS, DAY_SECONDS, LIMIT_SECONDS = 24, 12.0, 420.0
TOPICS = (
    "call-registered",
    "recording-stored",
    "transcript-completed",
    "transcript-failed",
    "call-scored",
    "call-rated",
)


@dataclass(frozen=True)
class Aftermath:
    """What is known when the day is over: the ledger, every message of the topics, who was killed, what is left."""

    ledger: Ledger
    script: Script
    calls: list[tuple[str, PlannedCall]]
    not_arrived: list[str]
    messages: dict[str, list[Event]]
    killed: dict[str, int]
    restarts: dict[str, int]
    left_running: list[int]


def smaller(plan: Plan) -> Plan:
    """The first calls of the day, with the leads that they name."""
    calls = plan.calls[:CALLS]
    named = {call.lead for call in calls}
    return replace(plan, calls=calls, leads=tuple(lead for lead in plan.leads if lead.id in named))


def processes_of(data: Path) -> list[int]:
    """Ids of processes that were started for this data folder."""
    mark = f"OTZVUK_DATA_FOLDER={data}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if mark in environment.split(b"\0"):
                found.append(int(entry.name))
    return found


def read_all(bootstrap: str) -> dict[str, list[Event]]:
    """Every message that the topics hold."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "oracle", "enable.auto.commit": False})
    found: dict[str, list[Event]] = defaultdict(list)
    try:
        there = consumer.list_topics(timeout=10).topics
        places = [TopicPartition(name, number, 0) for name in TOPICS for number in there[name].partitions]
        ends = {
            (place.topic, place.partition): consumer.get_watermark_offsets(place, timeout=10)[1] for place in places
        }
        left = {place: end for place, end in ends.items() if end > 0}
        consumer.assign(places)
        until = time.monotonic() + 120
        while left:
            assert time.monotonic() < until, f"the ends of {sorted(left)} were not reached"
            for message in consumer.consume(500, timeout=5):
                if message.error() is None:
                    found[message.topic()].append(decode(message.value()))
                    place = (message.topic(), message.partition())
                    if place in left and message.offset() >= left[place] - 1:
                        del left[place]
    finally:
        consumer.close()
    return found


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    data = tmp_path_factory.mktemp("killed")
    shutil.copytree(RECORDINGS_FOLDER, data / "pbx")
    sounds = RecordingServer(data / "pbx")
    sounds.start()
    plan, company = smaller(load_plan()), load_company()
    system = LocalSystem(data, Ports.choose(), demo_settings(sounds))
    script = Script(plan, company, working_day(datetime.now(UTC), company), sounds.url)
    calls = [(script.name(call), call) for call in plan.calls]
    ledger = Ledger(data / "ledger.jsonl")
    pbx = FakePbx(Door(system.webhook, {PBX: system.secrets.pbx, CRM: system.secrets.crm}), ledger)
    watcher = Watcher(lambda: system.supervisor.bootstrap)
    random = rng()

    def play() -> None:
        pbx.send_history(script.before())
        pbx.play(disordered(script.day(), random), DAY_SECONDS)

    sender = threading.Thread(target=play)
    victims = list(PROCESSES)
    random.shuffle(victims)
    moments = [time.monotonic()] * len(victims)
    killed: dict[str, int] = {}

    def tick() -> None:
        """Kills the next victim when its moment has come, and lets the supervisor start it anew."""
        if victims and time.monotonic() > moments[len(killed)]:
            running = system.supervisor.pids()
            if victims[0] in running:
                name = victims.pop(0)
                killed[name] = running[name]
                os.kill(running[name], signal.SIGKILL)
        system.supervisor.check()

    def all_back() -> bool:
        """Whether everyone was killed and started anew."""
        return not victims and all(system.supervisor.restarts().values())

    try:
        system.start()
        moments = [time.monotonic() + 3 + 4 * number + random.uniform(0, 3) for number in range(len(victims))]
        watcher.start()
        sender.start()
        watcher.wait(lambda progress: all_back() and not missing(calls, progress), LIMIT_SECONDS, tick)
        sender.join(timeout=60)
        not_arrived = watcher.look(lambda progress: missing(calls, progress))
        messages = read_all(system.supervisor.bootstrap)
        restarts = system.supervisor.restarts()
    finally:
        pbx.stop()
        watcher.stop()
        system.stop()
        sounds.stop()
    until = time.monotonic() + 60  # a child of a killed process may have a sentence to finish before it notices
    while (left := processes_of(data)) and time.monotonic() < until:
        time.sleep(0.5)
    return Aftermath(ledger, script, calls, not_arrived, messages, killed, restarts, left)


def test_every_service_was_killed_and_started_anew(aftermath: Aftermath) -> None:
    assert set(aftermath.killed) == set(PROCESSES)
    assert all(aftermath.restarts[name] >= 1 for name in PROCESSES)


def test_everything_was_accepted_in_the_end(aftermath: Aftermath) -> None:
    sent = {event.event_id for event in [*aftermath.script.before(), *aftermath.script.day()]}
    assert aftermath.ledger.accepted_events() == sent


def test_nothing_accepted_is_lost(aftermath: Aftermath) -> None:
    registered = {event.data["provider_call_id"] for event in aftermath.messages["call-registered"]}
    assert registered == aftermath.ledger.accepted_calls()


def test_every_call_arrives_where_it_should(aftermath: Aftermath) -> None:
    assert aftermath.not_arrived == []


def test_no_call_has_two_identities(aftermath: Aftermath) -> None:
    ids: dict[str, set[str]] = defaultdict(set)
    for event in aftermath.messages["call-registered"]:
        ids[event.data["provider_call_id"]].add(event.data["call_id"])
    assert {name: found for name, found in ids.items() if len(found) != 1} == {}


@pytest.mark.parametrize("topic", ["call-registered", "call-scored"])
def test_no_revision_is_told_in_two_ways(aftermath: Aftermath, topic: str) -> None:
    """A message may be published again after a kill; it is then the same message."""
    told: dict[tuple[str, Any], set[str]] = defaultdict(set)
    for event in aftermath.messages[topic]:
        told[event.data["call_id"], event.data["revision"]].add(event.event_id)
    assert {place: found for place, found in told.items() if len(found) != 1} == {}


def test_every_recording_is_heard_once(aftermath: Aftermath) -> None:
    heard: dict[str, set[str]] = defaultdict(set)
    for event in aftermath.messages["transcript-completed"]:
        heard[event.data["call_id"]].add(event.data["transcript_id"])
    expected = {name for name, call in aftermath.calls if call.expected in ("drafted", "transcribed")}
    assert {call_id: found for call_id, found in heard.items() if len(found) != 1} == {}
    assert len(heard) == len(expected)


def test_a_rating_counts_once(aftermath: Aftermath) -> None:
    rated: dict[str, set[str]] = defaultdict(set)
    for event in aftermath.messages["call-rated"]:
        rated[event.data["call_id"]].add(event.event_id)
    assert {call_id: found for call_id, found in rated.items() if len(found) != 1} == {}
    assert len(rated) == sum(call.rating is not None for _, call in aftermath.calls)


def test_nothing_of_ours_is_left_running(aftermath: Aftermath) -> None:
    assert aftermath.left_running == []
