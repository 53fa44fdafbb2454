"""Recordings go through the real queue, tables, storage and decoder; only the model is a fake. On both databases."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, update
from structlog.testing import capture_logs

from schemas import codec
from services.runtime import burial, queue
from services.runtime.children import ChildDied
from services.runtime.database import Database
from services.runtime.migrations import migrate
from services.runtime.queue import BURIED, INBOX, OUTBOX
from services.runtime.storage import ObjectStorage
from services.runtime.work import BURIALS_IN_A_ROW, Work
from services.transcribe.adapters.decoder import ChildDecoder
from services.transcribe.adapters.storage import ObjectTranscripts
from services.transcribe.adapters.store import SqlHistory
from services.transcribe.adapters.tables import metadata, transcripts
from services.transcribe.app import RECOGNITION, TOPIC, make_routes
from services.transcribe.domain.recognition import Recognised
from services.transcribe.domain.sound import Limits
from services.transcribe.handlers import Parts
from services.transcribe.ports import Decoded
from tests.fakes.transcribe import FakeRecognizer, make_recognised
from tests.sounds import silence, tone, wav

AT = datetime(2026, 11, 24, 11, 3, tzinfo=UTC)
GOOD = wav(tone(8, channels=2))
TEXT = {
    "call_id": "c",
    "language": "ru",
    "utterances": [{"speaker": "seller", "start_ms": 0, "end_ms": 900, "text": "Добрый день"}],
}


@pytest.fixture(scope="module")
def decoder() -> Iterator[ChildDecoder]:
    made = ChildDecoder(Limits(seconds=60))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _logs_apart() -> Iterator[None]:
    """An unconfigured log draws every traceback with its variables, which takes a second each."""
    with capture_logs():
        yield


class Shop:
    """A transcribe service without its broker."""

    def __init__(self, url: str, folder: Path, decoder: ChildDecoder) -> None:
        migrate(url, "services.transcribe")
        self.database = Database(url)
        self.objects = ObjectStorage((folder / "storage").as_uri())
        self.recognizer = FakeRecognizer(
            heard=(
                make_recognised(0, (0, "Добрый день компания Тёплый дом")),
                make_recognised(1, (2000, "Здравствуйте сколько стоит окно")),
            )
        )
        parts = Parts(
            storage=ObjectTranscripts(self.objects),
            decoder=decoder,
            recognizer=self.recognizer,
            history=SqlHistory(self.database),
            clock=lambda: 0.0,
        )
        lease = timedelta(seconds=30)
        self.work = Work("transcribe", self.database, make_routes(parts), internal={RECOGNITION}, lease=lease)

    def receive(
        self, name: str, audio: bytes | None, *, text: dict[str, Any] | None = None, event_id: str = ""
    ) -> None:
        """`recording-stored` of the recording `name` in the inbox."""
        sound = None
        if audio is not None:
            self.objects.put(f"audio/{name}", audio)
            digest = hashlib.sha256(audio).hexdigest()
            sound = {"uri": f"audio/{name}", "sha256": digest, "size_bytes": len(audio), "seller_channel": 0}
        if text is not None:
            self.objects.put(f"texts/{name}", codec.to_json(text).encode())
        data = {
            "call_id": f"call-{name}",
            "recording_id": f"rec-{name}",
            "audio": sound,
            "transcript_uri": f"texts/{name}" if text is not None else None,
            "stored_at": AT.isoformat(),
        }
        codec.validate(TOPIC, data)
        with self.database.begin() as connection:
            queue.put(
                connection,
                topic=TOPIC,
                key=data["call_id"],
                data=data,
                event_id=event_id or f"e-{name}",
                occurred_at=AT,
            )

    def work_off(self) -> None:
        """Does everything, without waiting for the pauses between attempts."""
        while True:
            with self.database.begin() as connection:
                connection.execute(update(INBOX).where(INBOX.c.status == "waiting").values(available_at=AT))
            if not self.work.step():
                return

    def events(self) -> list[tuple[str, str, dict[str, Any]]]:
        with self.database.read() as connection:
            payloads = connection.execute(select(OUTBOX.c.payload).order_by(OUTBOX.c.seq)).scalars().all()
        found = [codec.decode(payload) for payload in payloads]
        return [(event.event, event.data.get("call_id", ""), event.data) for event in found]

    def told(self) -> list[tuple[str, str, str]]:
        return [(event, call, str(data.get("reason", data.get("quality", "")))) for event, call, data in self.events()]


@pytest.fixture
def shop(database_url: str, tmp_path: Path, decoder: ChildDecoder) -> Iterator[Shop]:
    made = Shop(database_url, tmp_path, decoder)
    yield made
    made.database.close()


def test_the_migrations_make_the_tables_of_the_code(database_url: str) -> None:
    migrate(database_url, "services.transcribe")
    migrate(database_url, "services.transcribe")
    database = Database(database_url)
    with database.read() as connection:
        ours = {table.name for table in metadata.sorted_tables}
        context = MigrationContext.configure(
            connection, opts={"include_object": lambda thing, name, kind, *_: kind != "table" or name in ours}
        )
        assert compare_metadata(context, metadata) == []
    database.close()


def test_a_recording_becomes_a_document_a_row_and_an_event(shop: Shop) -> None:
    shop.receive("a", GOOD)
    shop.work_off()
    ((event, call, data),) = shop.events()
    assert (event, call) == ("transcript-completed", "call-a")
    document = codec.from_json(shop.objects.get(data["uri"]))
    codec.validate_document("transcript", document)
    assert [turn["speaker"] for turn in document["utterances"]] == ["seller", "client"]
    assert len(document["peaks"]["channels"][0]) == 8 * document["peaks"]["per_second"]
    with shop.database.read() as connection:
        row = connection.execute(select(transcripts)).one()
    assert (row.transcript_id, row.state, row.words, row.duration_ms) == (data["transcript_id"], "completed", 9, 8000)


def test_a_redelivery_under_another_event_id_changes_nothing(shop: Shop) -> None:
    shop.receive("a", GOOD, event_id="first")
    shop.receive("a", GOOD, event_id="second")
    shop.work_off()
    assert shop.told() == [("transcript-completed", "call-a", "fair")]
    assert shop.recognizer.asked == [(0, 1)]


def test_a_broken_file_is_buried_after_three_attempts_and_the_next_ones_go_on(shop: Shop) -> None:
    shop.receive("broken", "Это не звук.".encode())
    shop.receive("good", GOOD)
    shop.receive("silent", wav(silence(3)))
    shop.receive("list", b"#EXTM3U\nhttp://127.0.0.1:1/a.ts\n")
    shop.receive("long", wav(silence(61)))
    shop.work_off()
    assert sorted(shop.told()) == [
        ("dead-letter", "", ""),
        ("transcript-completed", "call-good", "fair"),
        ("transcript-failed", "call-broken", "broken_audio"),
        ("transcript-failed", "call-list", "unsupported_format"),
        ("transcript-failed", "call-long", "too_long"),
        ("transcript-failed", "call-silent", "no_speech"),
    ]
    with shop.database.read() as connection:
        (letter,) = connection.execute(select(BURIED)).all()
    assert (letter.code, letter.attempts, letter.key) == ("broken_audio", 3, "call-broken")
    assert "Это не звук" not in letter.detail


def test_a_dead_letter_that_is_replayed_when_the_file_is_whole_becomes_a_dialogue(shop: Shop) -> None:
    shop.receive("a", GOOD)
    shop.objects.put("audio/a", GOOD[:1000])  # cut on its way
    shop.work_off()
    assert [event for event, _, _ in shop.told()] == ["dead-letter", "transcript-failed"]
    shop.objects.put("audio/a", GOOD)
    with shop.database.begin() as connection:
        assert burial.dig_up(connection, connection.execute(select(BURIED.c.seq)).scalar_one())
    shop.work_off()
    assert shop.told()[-1] == ("transcript-completed", "call-a", "fair")


def test_a_supplied_transcript_needs_no_model(shop: Shop) -> None:
    shop.receive("text", None, text=TEXT)
    shop.receive("both", GOOD, text=TEXT)
    shop.receive("bad", None, text={"call_id": "c"})
    shop.work_off()
    assert shop.told() == [
        ("transcript-completed", "call-text", "fair"),
        ("transcript-completed", "call-both", "fair"),
        ("transcript-failed", "call-bad", "bad_transcript"),
    ]
    assert shop.recognizer.asked == []


def test_a_supplied_transcript_does_not_wait_behind_recognition(shop: Shop) -> None:
    for number in range(3):
        shop.receive(f"sound-{number}", GOOD)
    shop.receive("text", None, text=TEXT)
    while shop.work.step("work"):
        pass
    assert shop.told() == [("transcript-completed", "call-text", "fair")]
    shop.work_off()
    assert [call for _, call, _ in shop.told()] == ["call-text", "call-sound-0", "call-sound-1", "call-sound-2"]


def test_any_number_of_broken_files_stops_nothing(shop: Shop) -> None:
    broken = BURIALS_IN_A_ROW + 2
    for number in range(broken):
        shop.receive(f"broken-{number}", "Это не звук.".encode())
    shop.receive("good", GOOD)
    shop.work_off()
    assert shop.work.halted is None
    told = Counter(event for event, _, _ in shop.told())
    assert told == Counter({"dead-letter": broken, "transcript-failed": broken, "transcript-completed": 1})
    letters = [data["topic"] for event, _, data in shop.events() if event == "dead-letter"]
    assert letters == [TOPIC] * broken


def test_a_decoder_that_died_is_started_again_for_the_next_recording(shop: Shop, decoder: ChildDecoder) -> None:
    decoder.close()
    shop.receive("a", GOOD)
    shop.work_off()
    assert shop.told() == [("transcript-completed", "call-a", "fair")]


class DyingRecognizer(FakeRecognizer):
    """Its process dies a number of times."""

    deaths = 0

    def recognise(self, decoded: Decoded, channels: Sequence[int]) -> tuple[Recognised, ...]:
        if self.deaths > 0:
            self.deaths -= 1
            raise ChildDied("The process that held the model ended while it worked.")
        return super().recognise(decoded, channels)


@pytest.mark.parametrize(
    ("deaths", "told"),
    [
        (2, ["transcript-completed"]),
        (3, ["dead-letter", "transcript-failed"]),
    ],
)
def test_a_model_that_dies_costs_an_attempt_and_three_end_it(shop: Shop, deaths: int, told: list[str]) -> None:
    shop.recognizer.__class__ = DyingRecognizer
    shop.recognizer.deaths = deaths  # type: ignore[attr-defined]
    shop.receive("a", GOOD)
    shop.work_off()
    assert [event for event, _, _ in shop.told()] == told
