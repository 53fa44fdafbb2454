"""Wires score: settings, database, storage, drafter and routes become one worker."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import click

from services.runtime import metrics
from services.runtime.database import Database, database_now
from services.runtime.errors import OtzvukError
from services.runtime.kafka import KafkaSettings
from services.runtime.logs import configure, log
from services.runtime.loops import Loop
from services.runtime.migrations import migrate
from services.runtime.queue import Received, Route, Tx
from services.runtime.storage import ObjectStorage
from services.runtime.worker import Worker
from services.score.adapters.calendars import SettingsCalendars
from services.score.adapters.drafter_child import ChildDrafter
from services.score.adapters.heads_shelf import HeadsShelf, model_in_use
from services.score.adapters.judge import ChatJudge, JudgeSettings
from services.score.adapters.scorecard_files import ScorecardShelf
from services.score.adapters.store import SqlStore
from services.score.adapters.transcripts import StoredTranscripts
from services.score.domain.contact_rule import ContactRule
from services.score.domain.machine import is_machine
from services.score.handlers import calls, drafts
from services.score.handlers.contacts import ContactDesk, count_lead, hold
from services.score.handlers.drafts import AGAIN, DraftingDesk, Prepared
from services.score.settings import Settings

LEADS_AT_ONCE = 50
LOOK_SECONDS = 5.0


class ScoreRoutes:
    """The routes of score over one database and its two desks."""

    def __init__(self, database: Database, drafting: DraftingDesk, contacts: ContactDesk) -> None:
        self._database = database
        self._drafting = drafting
        self._contacts = contacts

    def routes(self) -> list[Route]:
        """Every topic that score reads, and its own job."""
        return [
            Route("call-registered", self._with_contacts(calls.on_call_registered)),
            Route("lead-changed", self._with_contacts(calls.on_lead_changed)),
            Route("transcript-failed", self._with_contacts(calls.on_transcript_failed)),
            Route("transcript-completed", self._keep, prepare=self._prepare),
            Route(AGAIN, self._keep, prepare=self._prepare_again),
            Route("evaluation-approved", lambda got, _, tx: calls.on_evaluation_approved(got.data, _store(tx))),
            Route("growth-zones-chosen", lambda got, _, tx: calls.on_growth_zones_chosen(got.data, _store(tx))),
        ]

    def look_at_leads(self) -> bool:
        """Counts the leads whose day has ended or begun, each in a transaction of its own; False when none was due."""
        with self._database.read() as connection:
            due = SqlStore(connection).leads_due(database_now(connection), LEADS_AT_ONCE)
        for lead_id in due:
            with self._database.begin() as connection:
                store = SqlStore(connection)
                known = store.lead(lead_id)
                hold(store, known.client_keys if known else (), [lead_id])
                out = _Counted(Tx(connection, database_now(connection)))
                count_lead(lead_id, store, out, self._contacts, closing=True)
        return bool(due)

    def _with_contacts(self, handler: Callable[..., None]) -> Callable[[Received, Any, Tx], None]:
        def handle(got: Received, _prepared: Any, tx: Tx) -> None:
            handler(got.data, _store(tx), _Counted(tx), self._contacts)

        return handle

    def _prepare(self, got: Received) -> Prepared:
        return self._make(got.data["call_id"], got.data["uri"])

    def _prepare_again(self, got: Received) -> Prepared | None:
        with self._database.read() as connection:
            uri = drafts.in_need(got.data["call_id"], SqlStore(connection))
        return None if uri is None else self._make(got.data["call_id"], uri)

    def _make(self, call_id: str, uri: str) -> Prepared:
        with self._database.read() as connection:
            known = drafts.circumstances(call_id, SqlStore(connection))
        began = time.monotonic()
        made = drafts.make_draft(uri, known, self._drafting)
        metrics.observe("score.drafting", time.monotonic() - began)
        return made

    def _keep(self, got: Received, made: Prepared | None, tx: Tx) -> None:
        if made is None:
            return
        store, call_id = _store(tx), got.data["call_id"]
        calls.heard_machine(call_id, is_machine(made.transcript.dialogue), store, tx, self._contacts)
        if drafts.keep_draft(made, store, tx):
            metrics.count("score.drafts", call_type=made.scored.draft.call_type.value)
            log.info("call.drafted", call_id=call_id, call_type=made.scored.draft.call_type.value)


class _Counted:
    """A transaction that also counts the violations it tells."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self.now = tx.now
        self.later = tx.later

    def emit(self, event: str, key: str, data: Mapping[str, Any], *, occurred_at: datetime | None = None) -> str:
        if event == "contact-rule-violated":
            metrics.count("score.violations", rule=data["rule"])
        return self._tx.emit(event, key, data, occurred_at=occurred_at)


def _store(tx: Tx) -> SqlStore:
    return SqlStore(tx.connection)


def contact_desk(settings: Settings) -> ContactDesk:
    """The contact rule and the calendars as they are set."""
    rule = ContactRule(
        attempts_a_day=settings.score_attempts_a_day,
        days=settings.score_contact_days,
        touch_over_ms=settings.score_touch_over_seconds * 1000,
    )
    calendars = SettingsCalendars(
        company_zone=settings.company_zone,
        department_zones=settings.score_department_zones,
        weekdays=settings.score_working_weekdays,
        holidays=settings.score_holidays,
        extra_days=settings.score_extra_days,
        day_ends=settings.score_day_ends,
    )
    return ContactDesk(rule, calendars, timedelta(seconds=settings.score_settle_seconds))


def judge(settings: Settings) -> ChatJudge | None:
    """The language model that gives a second opinion; None unless its address is set."""
    if not settings.score_judge_url:
        return None
    where = JudgeSettings(
        url=settings.score_judge_url,
        model=settings.score_judge_model,
        api_key=settings.score_judge_api_key.get_secret_value(),
        timeout_seconds=settings.score_judge_timeout_seconds,
        budget_points=settings.score_judge_budget_points,
    )
    return ChatJudge(where, counted=lambda outcome: metrics.count("score.judge", outcome=outcome))


def _load(drafter: ChildDrafter) -> None:
    """Loads the models while the first recordings are still on their way; a failure shows again at the first draft."""
    try:
        drafter.start()
    except OtzvukError as error:
        log.warning("drafter.not_loaded", code=error.code)


def run(settings: Settings) -> int:
    """Runs score until SIGTERM; the exit code."""
    configure("score", settings.log_level)
    url = settings.database("score", settings.score_database_url)
    migrate(url, "services.score")
    database = Database(url)
    shelf = HeadsShelf(settings.heads_folder())
    drafter = ChildDrafter(lambda: model_in_use(settings.score_model, shelf), settings.score_draft_timeout_seconds)
    drafting = DraftingDesk(
        drafter=drafter,
        transcripts=StoredTranscripts(ObjectStorage(settings.storage())),
        scorecards=ScorecardShelf(settings.scorecards_folder()),
        judge=judge(settings),
    )
    threading.Thread(target=_load, args=(drafter,), name="load", daemon=True).start()
    score = ScoreRoutes(database, drafting, contact_desk(settings))
    return Worker(
        service="score",
        database=database,
        kafka=KafkaSettings.of(settings),
        settings=settings,
        routes=score.routes(),
        loops=[Loop("leads", score.look_at_leads, LOOK_SECONDS)],
        http_port=settings.score_http_port,
        parallel=settings.score_parallel,
        on_stop=drafter.close,
    ).run()


@click.command()
def command() -> None:
    """Run drafting and the contact rule."""
    sys.exit(run(Settings.load()))
