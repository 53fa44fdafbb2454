"""Turns the planned day into the webhook events a PBX and a CRM would have sent, each with its moment."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from demo.company import Company
from demo.plan import Plan, PlannedCall, PlannedLead, StageMove

PBX, CRM = "pbx", "crm"
VAIN_OUTCOMES = ("unavailable", "busy", "cancelled")
# Attempts before the day: at most three a day, at these local hours.
ATTEMPT_HOURS = (10, 13, 17)


@dataclass(frozen=True)
class Event:
    """One webhook event: who sends it, when it happened, and its body."""

    source: str
    name: str
    event_id: str
    at: datetime
    data: dict[str, Any]

    def body(self) -> dict[str, Any]:
        """The event as the webhook takes it."""
        return {
            "event": self.name,
            "event_id": self.event_id,
            "occurred_at": self.at.isoformat(),
            "data": self.data,
        }


def working_day(now: datetime, company: Company) -> date:
    """The last day that is over in every department: today after 19:00 local time, else yesterday."""
    return min((now.astimezone(place.clock) - timedelta(hours=19)).date() for place in company.departments)


class Script:
    """The day's events. `recordings_url` is where the fake PBX serves sound, without a slash at the end."""

    def __init__(self, plan: Plan, company: Company, day: date, recordings_url: str) -> None:
        self._plan, self._company, self._day, self._url = plan, company, day, recordings_url
        self._calls_by_lead = {call.lead: call for call in plan.calls if call.lead is not None}

    @property
    def played_on(self) -> date:
        """The day that is played."""
        return self._day

    def before(self) -> list[Event]:
        """People, leads and the attempts of earlier days."""
        events = [*self._people()]
        for lead in self._plan.leads:
            events += [self._lead_event(lead, self._created(lead), None), *self._attempts(lead)]
        return sorted(events, key=lambda event: event.at)

    def day(self) -> list[Event]:
        """The calls of the day and what followed them, in the order of their moments."""
        events = [event for call in self._plan.calls for event in self.call(call)]
        for lead in self._plan.leads:
            if lead.after_day is not None:
                evening = self._local(lead, self._day, time(18, 20))
                events.append(self._lead_event(lead, evening, lead.after_day))
        return sorted(events, key=lambda event: event.at)

    def call(self, call: PlannedCall) -> Iterator[Event]:
        """Everything that is sent about one call."""
        started = self._started(call)
        answered = started + timedelta(seconds=call.ring_s)
        ended = answered + timedelta(milliseconds=call.talk_ms)
        yield self._event("call.started", call, started, self._call_start(call, started))
        yield self._event("call.finished", call, ended, self._call_finish(call, started, answered, ended))
        soon = ended + timedelta(seconds=3)
        if call.recording is not None:
            yield self._event("recording.ready", call, soon, self._recording(call))
        if call.dialogue is not None:
            yield self._event("transcript.ready", call, soon, self._transcript(call))
        if call.rating is not None:
            rated = {"call_id": self.name(call), "rating": call.rating, "channel": "ivr"}
            yield self._event("call.rated", call, soon + timedelta(seconds=20), rated)
        if call.lead is not None:
            lead = self._plan.lead(call.lead)
            if lead.after_call is not None:
                yield self._lead_event(lead, ended + timedelta(minutes=2), lead.after_call)

    def name(self, call: PlannedCall) -> str:
        """The PBX's own id of a call: another one every day."""
        return f"{self._day:%Y%m%d}-{call.id}"

    def _people(self) -> Iterator[Event]:
        first = datetime.combine(self._day - timedelta(days=60), time(9), self._company.departments[0].clock)
        for person in self._company.sellers():
            department = self._company.department(person.department)
            yield Event(
                CRM,
                "person.changed",
                f"{self._day:%Y%m%d}-person-{person.id}",
                first,
                {
                    "person_id": person.id,
                    "extensions": list(person.extensions),
                    "department_id": department.id,
                    "department_kind": department.kind,
                },
            )

    def _attempts(self, lead: PlannedLead) -> Iterator[Event]:
        """Calls in vain on earlier days, evenly, never before the lead was there nor on the day itself."""
        created = self._created(lead)
        rng = random.Random(lead.id)
        slots = [
            self._local(lead, self._day - timedelta(days=days), time(hour, rng.randrange(60)))
            for days in range(lead.created_days_ago, 0, -1)
            for hour in ATTEMPT_HOURS
        ]
        usable = [slot for slot in slots if slot > created]
        for number, started in enumerate(usable[: lead.attempts_before]):
            call = PlannedCall(
                id=f"{lead.id}-a{number + 1}", at="", seller=lead.responsible, direction="out", client=lead.number,
                ring_s=25, outcome=rng.choice(VAIN_OUTCOMES), talk_ms=0, expected="registered", lead=lead.id,
            )  # fmt: skip
            ended = started + timedelta(seconds=call.ring_s)
            yield self._event("call.finished", call, ended, self._call_finish(call, started, ended, ended))

    def _lead_event(self, lead: PlannedLead, at: datetime, move: StageMove | None) -> Event:
        stage = move or StageMove(lead.stage, "open")
        data: dict[str, Any] = {
            "lead_id": lead.id,
            "kind": lead.kind,
            "created_at": self._created(lead).isoformat(),
            "changed_at": at.isoformat(),
            "stage": stage.stage,
            "stage_kind": stage.kind,
            "responsible": lead.responsible,
            "numbers": [lead.number],
        }
        optional = {
            "refusal_reason": stage.reason,
            "target": lead.target,
            "non_target_reason": lead.non_target_reason,
            "amount": lead.amount,
            "currency": None if lead.amount is None else "RUB",
            "source": None if lead.source is None else dict(lead.source),
        }
        data |= {name: value for name, value in optional.items() if value is not None}
        step = "new" if move is None else stage.kind
        return Event(CRM, "lead.changed", f"{self._day:%Y%m%d}-{lead.id}-{step}", at, data)

    def _call_start(self, call: PlannedCall, started: datetime) -> dict[str, Any]:
        data: dict[str, Any] = {
            "call_id": self.name(call),
            "direction": call.direction,
            "started_at": started.isoformat(),
            "client_number": call.client,
            "line": "+7 495 000-00-10",
        }
        if not call.unknown_seller:
            data["extension"] = self._company.person(call.seller).extensions[0]
        if call.lead is not None:
            data["lead_id"] = call.lead
        if call.source is not None:
            data["source"] = dict(call.source)
        return data

    def _call_finish(self, call: PlannedCall, started: datetime, answered: datetime, ended: datetime) -> dict[str, Any]:
        data = self._call_start(call, started)
        data |= {
            "outcome": call.outcome,
            "ended_at": ended.isoformat(),
            "recording_expected": call.recording is not None or call.dialogue is not None,
        }
        if call.talk_ms:
            data["answered_at"] = answered.isoformat()
        return data

    def _recording(self, call: PlannedCall) -> dict[str, Any]:
        recording = self._plan.recordings[str(call.recording)]
        return {
            "call_id": self.name(call),
            "url": f"{self._url}/{recording.path.name}",
            "sha256": recording.sha256,
            "size_bytes": recording.path.stat().st_size,
            "seller_channel": recording.seller_channel,
        }

    def _transcript(self, call: PlannedCall) -> dict[str, Any]:
        return {
            "call_id": self.name(call),
            "language": call.language,
            "duration_ms": call.talk_ms,
            "utterances": self._plan.dialogues[str(call.dialogue)],
        }

    def _event(self, name: str, call: PlannedCall, at: datetime, data: dict[str, Any]) -> Event:
        return Event(PBX, name, f"{self.name(call)}-{name}", at, data)

    def _started(self, call: PlannedCall) -> datetime:
        department = self._company.department(self._company.person(call.seller).department)
        return datetime.combine(self._day, time.fromisoformat(call.at), department.clock)

    def _created(self, lead: PlannedLead) -> datetime:
        """When the lead came; always before its first call of the day."""
        created = self._local(
            lead, self._day - timedelta(days=lead.created_days_ago), time.fromisoformat(lead.created_at)
        )
        call = self._calls_by_lead.get(lead.id)
        if call is None:
            return created
        return min(created, self._started(call) - timedelta(minutes=15))

    def _local(self, lead: PlannedLead, day: date, at: time) -> datetime:
        department = self._company.department(self._company.person(lead.responsible).department)
        return datetime.combine(day, at, department.clock)
