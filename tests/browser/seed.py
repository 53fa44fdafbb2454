"""A demo company with weeks of work behind it, put in through the handlers, so that pages have something to show."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from demo.company import COMPANY_FILE, load_company
from services.review.adapters.agreement_job import AgreementJob
from services.review.adapters.desk import RealDesks
from services.review.adapters.hand_over import WorkHandOver
from services.review.adapters.search import index as index_words
from services.review.adapters.secrets_of_house import Argon2Hasher
from services.review.adapters.work import RealWork
from services.review.domain.calendar import WorkCalendar
from services.review.domain.evaluation import Verdict
from services.review.domain.lots import Lots
from services.review.domain.people import SYSTEM, Department, DepartmentKind, Person, Role, Viewer
from services.review.domain.rules import Rules
from services.review.domain.search import Said as Line
from services.review.handlers import appealing, events, listening, tasking
from services.review.handlers.evaluating import Said, decide_criterion, finish, recommend
from services.review.handlers.people import import_people
from services.review.ports.people import Newcomer
from services.runtime.database import Database, database_now
from services.runtime.queue import Tx
from services.runtime.storage import ObjectStorage
from services.score.adapters.drafter import RulesDrafter
from services.score.adapters.lexicon import load_morphology
from services.score.adapters.scorecard_files import READY_FOLDER, load_scorecard
from services.score.adapters.transcripts import dialogue_of_document
from services.score.domain.dialogue import DepartmentKind as ScoredKind
from services.score.domain.scored_call import asked_items, scored_call
from services.score.handlers.messages import call_scored
from tests.browser.sound import recording_of, transcript_of

ROOT = Path(__file__).parents[2]
PASSWORD = "сосна-под-снегом-9"
STANDARD = Rules()
CALENDAR = WorkCalendar("Europe/Moscow", week_days=frozenset(range(1, 8)))
ADVICE = "Назовите выгоду под задачу клиента, потом цену."


@dataclass
class Seed:
    """Puts calls in, one after the other; the same seed gives the same company."""

    database: Database
    storage: ObjectStorage

    def __post_init__(self) -> None:
        self.rng = random.Random(5)
        self.people: dict[str, Person] = {}
        self.desks = RealDesks(self.database, WorkHandOver)
        self.card = load_scorecard(READY_FOLDER / "default.yaml")
        self.drafter = RulesDrafter(load_morphology())
        with self.database.read() as connection:
            self.now = database_now(connection)

    @classmethod
    def of(cls, database: Database, storage: ObjectStorage) -> Seed:
        """To go on with a company that is there already."""
        seed = cls(database, storage)
        with seed.desks.reading() as desk:
            seed.people = {person.person_id: person for person in desk.people.everybody()}
        return seed

    @contextmanager
    def at(self, moment: datetime) -> Iterator[RealWork]:
        """Work as if it were that moment."""
        with self.database.begin() as connection:
            work = RealWork(Tx(connection, moment), STANDARD, CALENDAR, lots=Lots(str(self.rng.random())))
            yield work
            work.end()

    def viewer(self, person_id: str) -> Viewer:
        return Viewer.of(self.people[person_id])

    def bring_in_people(self) -> None:
        """The demo company with one password for all."""
        company = load_company(COMPANY_FILE)
        departments = [
            Department(each.id, each.name, DepartmentKind(each.kind), each.zone) for each in company.departments
        ]
        newcomers = []
        second = replace(company.person("olga"), id="vera", name="Вера Синицына")
        for each in (*company.people, second):
            several = each.heads or ((each.department,) if each.role in ("seller", "controller", "mentor") else ())
            person = Person(
                each.id,
                each.name,
                Role(each.role),
                department_ids=frozenset(several),
                mentee_ids=frozenset(each.mentees),
            )
            self.people[each.id] = person
            newcomers.append(Newcomer(person, PASSWORD))
        hasher = Argon2Hasher(memory_kib=64, time_cost=1, parallelism=1)
        import_people(self.desks, hasher, SYSTEM, departments, newcomers)

    def call(self, index: int, dialogue: Mapping[str, Any], started_at: datetime, *, audio: bool = True) -> str:
        """One call with its recording, transcript and draft; its id."""
        call_id = f"call-{index:04}"
        sellers = [each for each in self.people.values() if each.role is Role.SELLER]
        seller = sellers[index % len(sellers)]
        department = next(iter(seller.department_ids))
        kind = "sales" if department == "sales" else "call_center"
        document = transcript_of(call_id, dialogue, index)
        uri = f"transcripts/{call_id}.json"
        self.storage.put(uri, json.dumps(document, ensure_ascii=False).encode())
        audio_uri = f"recordings/{call_id}.wav" if audio else None
        if audio_uri:
            self.storage.put(audio_uri, recording_of(document))
        with self.at(started_at + timedelta(minutes=10)) as work:
            events.call_registered(
                work, _registered(call_id, index, seller.person_id, department, kind, document, started_at)
            )
            events.transcript_completed(
                work,
                {
                    "call_id": call_id,
                    "audio_uri": audio_uri,
                    "transcript_id": f"t-{call_id}",
                    "uri": uri,
                    "source": document["source"],
                    "quality": document["quality"]["grade"],
                },
            )
            events.call_scored(work, self._draft(call_id, document, kind, index))
        with self.database.begin() as connection:
            lines = enumerate(document["utterances"])
            index_words(connection, call_id, [Line(turn, said["start_ms"], said["text"]) for turn, said in lines])
        return call_id

    def _draft(self, call_id: str, document: Mapping[str, Any], kind: str, index: int) -> dict[str, Any]:
        dialogue = replace(dialogue_of_document(document), department_kind=ScoredKind(kind))
        draft = self.drafter.draft(dialogue, asked_items(self.card))
        scored = scored_call(draft, self.card, dialogue, document["quality"]["grade"])
        data = call_scored(
            scored, self.card, call_id=call_id, transcript_id=f"t-{call_id}", department=ScoredKind(kind), now=self.now
        )
        rng = random.Random(index)
        for row in data["criteria"]:
            row["confidence"] = Decimal(rng.choice((97, 93, 91, 88, 84, 79, 72, 55))) / 100
        data["call_type_probability"] = Decimal(91) / 100
        return {**data, "draft_id": f"d-{call_id}", "revision": 1}

    def send(self, call_id: str, moment: datetime, *, blind: bool = False) -> None:
        """To counted listening, as the daily sample does."""
        with self.at(moment) as work:
            call = work.calls.load(call_id)
            assert call is not None
            listening.send_sampled(work, call, why="выборка дня", blind=blind, double=False)

    def evaluate(self, call_id: str, moment: datetime, recommendation: str = "") -> None:
        """By the controller it is routed to, mostly as the draft says."""
        with self.at(moment) as work:
            call = work.calls.load(call_id)
            assert call is not None
            assert call.assignee_id is not None
            controller = self.viewer(call.assignee_id)
            task = tasking.take(work, controller, call_id, call.version)
            held = work.evaluations.load(task.evaluation_id or "")
            assert held is not None
            version = held.version
            draft = work.drafts.get(held.draft_id or "")
            for item in held.card.applying(held.call_type):
                proposed = draft.scores.get(item.criterion) if draft else None
                said = self._said(proposed, seen=not held.blind)
                version = decide_criterion(work, controller, held.evaluation_id, version, item.criterion, said).version
            version = recommend(work, controller, held.evaluation_id, version, recommendation).version
            finish(work, controller, held.evaluation_id, version)

    def _said(self, proposed: Any, *, seen: bool) -> Said:
        decided = proposed is not None and proposed.verdict in (Verdict.SCORED, Verdict.NOT_APPLICABLE)
        if decided and self.rng.random() < 0.85:
            if seen:
                return Said(seen_draft=True, accept_draft=True)
            return Said(verdict=proposed.verdict, score=proposed.score)
        return Said(verdict=Verdict.SCORED, score=Decimal(self.rng.choice(("0", "0.5", "1", "1"))), seen_draft=seen)

    def lead(self, index: int) -> None:
        """A lead in work, as the CRM and the scorer tell it."""
        sellers = [each for each in self.people.values() if each.role is Role.SELLER]
        seller = sellers[index % len(sellers)]
        contact = _contact(index, self.now, seller)
        lead = {
            "lead_id": contact["lead_id"],
            "revision": 1,
            "kind": "lead",
            "created_at": (self.now - timedelta(days=index % 5 + 1)).isoformat(),
            "changed_at": self.now.isoformat(),
            "stage": ("Новая", "В работе", "Замер назначен")[index % 3],
            "stage_kind": "open",
            "seller_id": seller.person_id,
            "department_id": contact["department_id"],
        }
        with self.at(self.now) as work:
            events.lead_changed(work, lead)
            events.lead_contact_updated(work, contact, self.now)
            if index % 7 == 0:
                events.contact_rule_violated(
                    work,
                    {
                        "violation_id": f"v{index}",
                        "lead_id": lead["lead_id"],
                        "seller_id": seller.person_id,
                        "department_id": contact["department_id"],
                        "rule": "refused_too_early",
                        "contacts": contact["attempts_total"],
                        "contacts_due": 15,
                        "touches": contact["touches"],
                        "violated_at": (self.now - timedelta(hours=index + 1)).isoformat(),
                    },
                )

    def appeal(self, call_id: str, moment: datetime) -> None:
        """By its seller, against the two first scores that are not full."""
        with self.at(moment) as work:
            call = work.calls.load(call_id)
            assert call is not None
            evaluation = work.evaluations.load(call.evaluation_id or "")
            assert evaluation is not None
            low = [code for code, each in evaluation.decisions.items() if each.score is not None and each.score < 1][:2]
            points = dict.fromkeys(low, "На второй минуте я об этом спрашивал.")
            seller = self.viewer(call.seller_id or "")
            appealing.appeal(work, seller, call_id, call.version, "Не согласен с двумя оценками.", points)

    def approve(self, moment: datetime) -> None:
        """The one call that nobody appealed in time, as if it were that moment."""
        with self.at(min(moment, self.now)) as work:
            appealing.approve_next(work)


def _registered(
    call_id: str, index: int, seller: str, department: str, kind: str, document: Mapping[str, Any], started_at: datetime
) -> dict[str, Any]:
    length = document["duration_ms"]
    return {
        "call_id": call_id,
        "revision": 1,
        "provider": "generic",
        "provider_call_id": f"p{index}",
        "direction": "in" if index % 3 else "out",
        "outcome": "answered",
        "started_at": started_at.isoformat(),
        "ring_ms": 6000,
        "talk_ms": length,
        "duration_ms": length + 6000,
        "seller_id": seller,
        "department_id": department,
        "department_kind": kind,
        "client_key": f"key{index % 40}",
        "client_label": f"+7 ··· {20 + index % 70}-{10 + index * 7 % 90}",
        "lead_id": f"lead-{index % 50}" if index % 2 else None,
        "recording_expected": True,
        "source": {"source": ("yandex", "google", "2gis")[index % 3], "campaign": "осень"},
    }


def _contact(index: int, now: datetime, seller: Person) -> dict[str, Any]:
    today = index % 4
    total = min(15, index % 13 + today)
    return {
        "lead_id": f"lead-{index}",
        "seller_id": seller.person_id,
        "department_id": next(iter(seller.department_ids)),
        "local_date": now.date().isoformat(),
        "attempts_today": today,
        "attempts_total": total,
        "days_with_attempts": min(5, total // 3 + 1) if total else 0,
        "touches": index % 3 if total else 0,
        "due_today": 3,
        "due_total": 15,
        "last_attempt_at": (now - timedelta(hours=index % 9 + 1)).isoformat() if total else None,
        "last_touch_call_id": "call-0001" if total and index % 3 else None,
        "pickup_ms": 60_000 * (index + 3) if total else None,
        "open": True,
        "warnings": [],
    }


def dialogues() -> list[dict[str, Any]]:
    """The demo's written dialogues."""
    lines = (ROOT / "demo" / "day" / "dialogues.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def fill(database: Database, storage: ObjectStorage, *, calls: int = 120, days: int = 40) -> Seed:
    """The whole company: people, weeks of calls, most of them final, some to do, one appeal to decide."""
    seed = Seed(database, storage)
    seed.bring_in_people()
    written = dialogues()
    today = seed.now.astimezone(UTC)
    for index in range(calls):
        back = timedelta(days=(calls - 1 - index) * days / calls, minutes=30 + index % 200)
        started = today - back
        call_id = seed.call(index, written[index % len(written)], started)
        if back > timedelta(days=5):
            if index % 2 == 0:
                seed.send(call_id, started + timedelta(hours=3), blind=index % 4 == 0)
                seed.evaluate(call_id, started + timedelta(hours=20), ADVICE)
                seed.approve(started + timedelta(hours=68))
        elif index % 5 in (0, 1):
            seed.send(call_id, started + timedelta(hours=3))
            seed.evaluate(call_id, today - timedelta(hours=4 + index % 6), ADVICE)
            if index % 5:
                seed.appeal(call_id, today - timedelta(hours=1))
        else:
            seed.send(call_id, today - timedelta(hours=2))
    for index in range(24):
        seed.lead(index)
    AgreementJob(database, STANDARD).step()
    return seed
