"""Wires review: settings, database, guard, pages, API, routes and loops become a web process and a worker."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from fastapi import FastAPI
from sqlalchemy import Connection

from services.review.adapters.agreement_job import AgreementJob
from services.review.adapters.books import RealBooks
from services.review.adapters.chats import BotEars, ChatStore
from services.review.adapters.desk import ConnectedAudit, RealDesks
from services.review.adapters.door_keeping import DoorKeeping
from services.review.adapters.exports import Exporter
from services.review.adapters.hand_over import WorkHandOver
from services.review.adapters.mail import SmtpMailer
from services.review.adapters.notice_desk import RealNoticeDesks
from services.review.adapters.notices import NoticeSender
from services.review.adapters.page_shelf import Finder, RealShelf
from services.review.adapters.queries import RealReads
from services.review.adapters.search import Search, SearchIndexer
from services.review.adapters.secrets_of_house import Argon2Hasher, Box, RealSecrets, Totp, secret_in_file
from services.review.adapters.telegram import TelegramBot
from services.review.adapters.work import RealWork, RealWorks
from services.review.domain.calendar import WorkCalendar
from services.review.domain.credit import Money
from services.review.domain.guessing import Gate
from services.review.domain.people import Viewer
from services.review.domain.rules import Rules
from services.review.domain.sessions import SessionLimits
from services.review.handlers import bot, events
from services.review.handlers.appealing import approve_next
from services.review.handlers.log_in import HouseRules
from services.review.handlers.pacing import pace
from services.review.handlers.sampling import sample_next
from services.review.handlers.telling import tell_overdue
from services.review.ports.notices import BotUpdate, Reply
from services.review.ports.oidc import IdentityProvider
from services.review.ports.pages import Found
from services.review.settings import Settings
from services.review.web import login, oidc
from services.review.web.api import (
    books,
    calendars,
    calls,
    exports,
    notices,
    overviews,
    people,
    profile,
    search,
    trust,
    work,
)
from services.review.web.api.desk import EVERY
from services.review.web.csrf import CookieNames
from services.review.web.pages.assets import Assets
from services.review.web.pages.house import House
from services.review.web.pages.mounting import add_pages
from services.review.web.pages.rendering import Renderer
from services.review.web.problems import add_answers
from services.review.web.security import Guard, protect
from services.runtime.database import Database
from services.runtime.kafka import KafkaSettings
from services.runtime.logs import configure
from services.runtime.loops import Loop
from services.runtime.migrations import migrate
from services.runtime.queue import Received, Route, Tx
from services.runtime.storage import ObjectStorage
from services.runtime.worker import Worker

SERVICE = "review"
APPROVE_SECONDS = 2.0
SAMPLE_SECONDS = 20.0
OVERDUE_SECONDS = 30.0
AGREEMENT_SECONDS = 600.0
BOT_SECONDS = 1.0
DOORS_SECONDS = 900.0
DESCRIPTION = """Call quality control: drafts become decisions that count.

Every change names the version it was decided on (`If-Match` with the `ETag` that was read): without it 428, with an old
one 412 and who was faster. What is newly made or only appended needs none. A POST with an `Idempotency-Key` happens
once, however often it is sent; what is shown once (a password, a token, a link) is not shown again by it. Refusals are
`application/problem+json` with a `code`; 429 says by `Retry-After` when to come again."""


@click.command()
@click.option("--part", type=click.Choice(["web", "worker"]), default="web", show_default=True)
def command(part: str) -> None:
    """Run the review pages and API (web), or what reads events and keeps time (worker)."""
    settings = Settings.load()
    configure(SERVICE, settings.log_level)
    url = settings.database(SERVICE, settings.review_database_url)
    migrate(url, f"services.{SERVICE}")
    database = Database(url)
    sys.exit(run_web(settings, database) if part == "web" else run_worker(settings, database))


def run_web(settings: Settings, database: Database) -> int:
    """Pages and API; blocks until SIGTERM. The worker publishes what they write."""
    from services.runtime.web import serve

    return serve(
        make_app(settings, database),
        service=SERVICE,
        database=database,
        kafka=KafkaSettings.of(settings),
        settings=settings,
        port=settings.review_http_port,
        relays=False,
    )


def run_worker(settings: Settings, database: Database) -> int:
    """Events in and out, notices, approvals, samples, overdue tasks, agreement; blocks until SIGTERM."""
    works = make_works(settings, database)
    indexer = SearchIndexer(ObjectStorage(settings.storage()))
    return Worker(
        service=SERVICE,
        database=database,
        kafka=KafkaSettings.of(settings),
        settings=settings,
        routes=[*make_routes(works, indexer), indexer.route(), make_sender(settings, database).route()],
        loops=[*make_loops(settings, database, works), *make_bot_loops(settings, database)],
        http_port=settings.review_worker_http_port,
        parallel=3,
    ).run()


def make_rules(settings: Settings) -> Rules:
    """The company's figures as they are set."""
    return Rules(
        company_zone=settings.company_zone,
        currency=settings.review_currency,
        money=Money(settings.review_appeal_reward, settings.review_appeal_penalty),
        share_percent=settings.review_sample_percent,
        calls_per_controller=settings.review_calls_per_controller,
        blind_percent=settings.review_blind_percent,
        double_percent=settings.review_double_percent,
        due_working_days=settings.review_due_working_days,
        kappa_floor=settings.review_kappa_floor,
    )


def make_calendar(settings: Settings) -> WorkCalendar:
    """The company's calendar, for departments without one of their own."""
    return WorkCalendar(
        zone=settings.company_zone,
        week_days=frozenset(settings.review_working_weekdays),
        day_ends=settings.review_day_ends,
        days_off=frozenset(settings.review_holidays),
        days_on=frozenset(settings.review_extra_days),
    )


def make_works(settings: Settings, database: Database) -> RealWorks:
    """Opens write transactions."""
    return RealWorks(database, make_rules(settings), make_calendar(settings))


def make_guard(settings: Settings, database: Database) -> Guard:
    """Who may come in, and how he proves himself."""
    secret = settings.review_secret.get_secret_value() or secret_in_file(settings.data_folder / "review.secret")
    public_url = settings.review_public_url or None
    limits = SessionLimits(
        idle=timedelta(minutes=settings.review_session_idle_minutes),
        absolute=timedelta(hours=settings.review_session_hours),
    )
    return Guard(
        desks=RealDesks(database, WorkHandOver),
        hasher=Argon2Hasher(),
        factor=Totp(Box(secret)),
        secrets=RealSecrets(),
        rules=HouseRules(limits, settings.review_second_factor == "required"),
        cookies=CookieNames(https=(public_url or "").startswith("https://")),
        public_url=public_url,
    )


def make_app(settings: Settings, database: Database, *, pages: bool = True) -> FastAPI:
    """The web app: API always, pages for people unless a test needs none."""
    app = FastAPI(
        title="Otzvuk review",
        version="1",
        description=DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    guard = make_guard(settings, database)
    app.state.reads = RealReads(database, make_rules(settings))
    app.state.works = make_works(settings, database)
    app.state.search = Search(database)
    app.state.exports = Exporter(database)
    app.state.books = RealBooks(database)
    app.state.company_calendar = make_calendar(settings)
    app.state.notice_desks = make_notice_desks(settings, database)
    app.state.identity_provider = make_provider(settings)
    own = (login.forms, login.api, oidc.router, people.router, profile.router, notices.router)
    house = (calendars.router, books.router, exports.router, search.router)
    for router in (*own, *house, calls.router, work.router, overviews.router, trust.router):
        app.include_router(router, responses=EVERY)
    add_answers(app)
    if pages:
        add_pages(app, make_house(settings, database, app, guard))
    protect(app, guard)
    return app


def make_house(settings: Settings, database: Database, app: FastAPI, guard: Guard) -> House:
    """What the pages stand on."""
    return House(
        reads=app.state.reads,
        desk=app.state.works,
        guard=guard,
        store=ObjectStorage(settings.storage()),
        renderer=Renderer(Assets(settings.review_browser_packages)),
        shelf=RealShelf(database, paced_find(guard, app.state.search.find)),
        now=lambda: datetime.now(UTC),
        settings=shown_settings(settings),
    )


def paced_find(guard: Guard, find: Finder) -> Finder:
    """The search of the pages, counted as that of the API is."""

    def counted(viewer: Viewer, *asked: Any) -> Found:
        pace(guard.desks, guard.secrets, viewer, Gate.SEARCH)
        return find(viewer, *asked)

    return counted


def shown_settings(settings: Settings) -> list[tuple[str, str, str]]:
    """(name in the environment, value, meaning) of every setting; secrets are masked by their type."""
    return [
        (f"OTZVUK_{name.upper()}", str(getattr(settings, name)), field.description or "")
        for name, field in type(settings).model_fields.items()
    ]


def make_sender(settings: Settings, database: Database) -> NoticeSender:
    """Sends notices by Telegram and e-mail, where they are set up."""
    token, host = settings.review_telegram_token.get_secret_value(), settings.review_smtp_host
    mailer = SmtpMailer(
        host,
        settings.review_smtp_port,
        settings.review_smtp_user,
        settings.review_smtp_password.get_secret_value(),
        settings.review_smtp_tls,
        settings.review_smtp_sender,
    )
    home = settings.review_public_url or f"http://{settings.bind_host}:{settings.review_http_port}"
    return NoticeSender(
        database,
        home,
        messenger=TelegramBot(token, settings.review_telegram_api_url) if token else None,
        mailer=mailer if host else None,
    )


def make_provider(settings: Settings) -> IdentityProvider | None:
    """The identity provider, where one is set up; it sends people back to our public address."""
    if not (settings.review_oidc_issuer and settings.review_oidc_client_id and settings.review_public_url):
        return None
    from services.review.adapters.oidc import OidcProvider

    return OidcProvider(
        settings.review_oidc_issuer,
        settings.review_oidc_client_id,
        settings.review_oidc_client_secret.get_secret_value(),
        f"{settings.review_public_url.rstrip('/')}/login/oidc/callback",
    )


def make_notice_desks(settings: Settings, database: Database) -> RealNoticeDesks:
    """Where people choose how they are told, and bind their chat."""

    def link(connection: Connection, chats: ChatStore, viewer: Viewer, now: datetime) -> tuple[str, datetime]:
        audit = ConnectedAudit(connection)
        return bot.make_link(chats, audit, RealSecrets(), viewer, settings.review_telegram_bot, now)

    return RealNoticeDesks(
        database,
        telegram_available=bool(settings.review_telegram_token.get_secret_value() and settings.review_telegram_bot),
        mail_available=bool(settings.review_smtp_host),
        make_link=link,
    )


def make_bot_loops(settings: Settings, database: Database) -> list[Loop]:
    """The bot's ears, where there is a bot."""
    token = settings.review_telegram_token.get_secret_value()
    if not token:
        return []

    def hear(connection: Connection, chats: ChatStore, update: BotUpdate, now: datetime) -> Sequence[Reply]:
        return bot.hear(chats, ConnectedAudit(connection), RealSecrets(), update, now)

    ears = BotEars(database, TelegramBot(token, settings.review_telegram_api_url), hear)
    return [Loop("telegram", ears.step, BOT_SECONDS)]


EventHandler = Callable[[RealWork, Received], None]

EVENTS: Mapping[str, EventHandler] = {
    "call-registered": lambda work, got: events.call_registered(work, got.data),
    "recording-stored": lambda work, got: events.recording_stored(work, got.data),
    "transcript-completed": lambda work, got: events.transcript_completed(work, got.data),
    "transcript-failed": lambda work, got: events.transcript_failed(work, got.data),
    "call-scored": lambda work, got: events.call_scored(work, got.data),
    "call-rated": lambda work, got: events.call_rated(work, got.data, got.event_id),
    "lead-changed": lambda work, got: events.lead_changed(work, got.data),
    "lead-contact-updated": lambda work, got: events.lead_contact_updated(work, got.data, got.occurred_at),
    "contact-rule-violated": lambda work, got: events.contact_rule_violated(work, got.data),
}


def make_routes(works: RealWorks, indexer: SearchIndexer) -> list[Route]:
    """Every topic that review reads; a new transcript is also put to be indexed."""

    def route(topic: str, handler: EventHandler) -> Route:
        def handle(got: Received, _prepared: Any, tx: Tx) -> None:
            with works.on(tx.connection, caused_by=got.event_id) as work:
                handler(work, got)
            if topic == "transcript-completed":
                indexer.later(tx, got.data["call_id"], got.data["transcript_id"], got.data["uri"])

        return Route(topic, handle)

    return [route(topic, handler) for topic, handler in EVENTS.items()]


def make_loops(settings: Settings, database: Database, works: RealWorks) -> list[Loop]:
    """What keeps time, each step in a transaction of its own."""

    def in_work(step: Callable[[RealWork], bool]) -> Callable[[], bool]:
        def one() -> bool:
            with works.begin() as work:
                return step(work)

        return one

    sampling = [Loop("sample", in_work(sample_next), SAMPLE_SECONDS)] if settings.review_sample_automatic else []
    return [
        Loop("approve", in_work(approve_next), APPROVE_SECONDS),
        *sampling,
        Loop("overdue", in_work(tell_overdue), OVERDUE_SECONDS),
        Loop("doors", DoorKeeping(database).step, DOORS_SECONDS),
        Loop("agreement", AgreementJob(database, make_rules(settings)).step, AGREEMENT_SECONDS),
    ]
