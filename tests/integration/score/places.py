"""A score service without its worker: real database, real storage, real drafter, its routes called by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy import select

from schemas import codec
from services.runtime.database import Database, database_now
from services.runtime.migrations import migrate
from services.runtime.queue import INBOX, OUTBOX, Received, Tx
from services.runtime.storage import ObjectStorage
from services.score.adapters.calendars import SettingsCalendars
from services.score.adapters.drafter import load_drafter
from services.score.adapters.scorecard_files import ScorecardShelf
from services.score.adapters.transcripts import StoredTranscripts
from services.score.app import ScoreRoutes
from services.score.domain.contact_rule import ContactRule
from services.score.handlers.contacts import ContactDesk
from services.score.handlers.drafts import DraftingDesk

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass
class ScoreDesk:
    """Feeds events to the routes and shows what came out."""

    database: Database
    storage: ObjectStorage
    score: ScoreRoutes
    now: datetime | None = None
    fed: int = field(default=0)

    def feed(self, topic: str, data: dict[str, Any]) -> None:
        """One event through its route, prepare and handle, as the worker does it."""
        data = codec.plain(data)
        if topic in codec.topics():
            codec.validate(topic, data)
        self.fed += 1
        route = next(route for route in self.score.routes() if route.topic == topic)
        got = Received(f"e{self.fed}", topic, "key", self.now or MONDAY, 1, None, data, 1)
        prepared = route.prepare(got) if route.prepare else None
        with self.transaction() as tx:
            route.handle(got, prepared, tx)

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        with self.database.begin() as connection:
            yield Tx(connection, self.now or database_now(connection))

    def published(self, event: str) -> list[dict[str, Any]]:
        """Data of the events in the outbox, in order."""
        with self.database.read() as connection:
            rows = connection.execute(select(OUTBOX).where(OUTBOX.c.topic == event).order_by(OUTBOX.c.seq)).all()
        return [codec.decode(row.payload).data for row in rows]

    def jobs(self) -> list[dict[str, Any]]:
        """Own jobs that wait in the inbox, in order."""
        with self.database.read() as connection:
            rows = connection.execute(select(INBOX).order_by(INBOX.c.seq)).all()
        return [codec.from_json(row.data) for row in rows]


def make_desk(url: str, folder: Path) -> ScoreDesk:
    """A desk over an empty database."""
    migrate(url, "services.score")
    database = Database(url)
    storage = ObjectStorage((folder / "storage").as_uri())
    calendars = SettingsCalendars(
        company_zone="Europe/Moscow",
        department_zones={},
        weekdays=range(5),
        holidays=(),
        extra_days=(),
        day_ends=time(20, 0),
    )
    drafting = DraftingDesk(
        drafter=load_drafter("rules"),
        transcripts=StoredTranscripts(storage),
        scorecards=ScorecardShelf(folder / "scorecards"),
    )
    return ScoreDesk(database, storage, ScoreRoutes(database, drafting, ContactDesk(ContactRule(), calendars)))


def call(call_id: str = "c-1", **changes: Any) -> dict[str, Any]:
    """Data of `call-registered`: an answered outgoing call of a minute."""
    return {
        "call_id": call_id,
        "revision": 1,
        "provider": "generic",
        "provider_call_id": call_id,
        "direction": "out",
        "outcome": "answered",
        "started_at": MONDAY,
        "ring_ms": 5000,
        "talk_ms": 60_000,
        "duration_ms": 65_000,
        "seller_id": "s-1",
        "department_id": "kc",
        "department_kind": "call_center",
        "client_key": "k-1",
        **changes,
    }


def lead(lead_id: str = "l-1", **changes: Any) -> dict[str, Any]:
    """Data of `lead-changed`: an open lead."""
    return {
        "lead_id": lead_id,
        "revision": 1,
        "kind": "lead",
        "created_at": datetime(2026, 11, 23, 8, 0, tzinfo=UTC),
        "changed_at": datetime(2026, 11, 23, 8, 0, tzinfo=UTC),
        "stage": "Новая заявка",
        "stage_kind": "open",
        "seller_id": "s-1",
        "department_id": "kc",
        "client_keys": ["k-1"],
        **changes,
    }


TURNS = (
    ("seller", "Добрый день, меня зовут Ирина, компания «Тёплый дом»."),
    ("client", "Здравствуйте, я по окнам звоню, Сергей."),
    ("seller", "Сергей, подскажите, сколько окон и для какого дома?"),
    ("client", "Три окна, дом кирпичный. Только это дорого, наверное."),
    ("seller", "Понимаю вас. Давайте посчитаем, в цену входит монтаж. Когда вам удобно принять замерщика?"),
    ("client", "В четверг можно."),
    ("seller", "Записала: четверг, одиннадцать часов. Сергей, спасибо за звонок, до свидания."),
)


def transcript(
    call_id: str = "c-1", turns: tuple[tuple[str, str], ...] = TURNS, *, grade: str = "good"
) -> dict[str, Any]:
    """A document `transcript.v1`, four seconds a turn."""
    voice = {"talk_ms": 12_000, "words": 40, "words_per_minute": 120, "loudness_dbfs": -20, "fillers": 0}
    return {
        "transcript_id": f"t-{call_id}",
        "call_id": call_id,
        "recording_id": f"r-{call_id}",
        "source": "recognizer",
        "language": "ru",
        "duration_ms": len(turns) * 4000,
        "channels": 2,
        "utterances": [
            {"speaker": who, "start_ms": i * 4000, "end_ms": i * 4000 + 3800, "text": text}
            for i, (who, text) in enumerate(turns)
        ],
        "speech": {"seller": voice, "client": voice, "silence_ms": 500, "overlap_ms": 0},
        "quality": {"grade": grade, "reasons": [], "untrusted": []},
    }


def completed(desk: ScoreDesk, document: dict[str, Any]) -> dict[str, Any]:
    """Stores the document; data of its `transcript-completed`."""
    uri = f"transcripts/{document['transcript_id']}.json"
    desk.storage.put(uri, json.dumps(document, ensure_ascii=False).encode())
    return {
        "call_id": document["call_id"],
        "recording_id": document["recording_id"],
        "transcript_id": document["transcript_id"],
        "uri": uri,
        "source": "recognizer",
        "language": "ru",
        "duration_ms": document["duration_ms"],
        "utterances": len(document["utterances"]),
        "words": 60,
        "quality": document["quality"]["grade"],
    }
