"""Wiring of ingest: the only file that joins its real parts or starts anything."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from fastapi import FastAPI

from services.ingest.adapters.clerk import StorageClerk
from services.ingest.adapters.download import Downloader, Limits
from services.ingest.adapters.fetching import RecordingShelf
from services.ingest.adapters.keeper import GroupKeeper
from services.ingest.adapters.store import SqlStore
from services.ingest.adapters.telephony.generic import GenericWebhook, ImportedEvents
from services.ingest.adapters.telephony.mango import MangoOffice
from services.ingest.adapters.turns import DoorFirst
from services.ingest.domain.address import LinkRules
from services.ingest.domain.facts import TranscriptFact
from services.ingest.domain.jobs import DOWNLOAD, RAW_EVENT, REPUBLISH, TRANSCRIPT
from services.ingest.domain.mango import MangoRules
from services.ingest.domain.recording import Fetched, NotFetched
from services.ingest.handlers import raw, recordings, republish
from services.ingest.ports import Clerk, Desk, Keeper, Provider
from services.ingest.settings import Settings
from services.ingest.web.door import Door, add_routes
from services.runtime import logs, metrics
from services.runtime.kafka import KafkaSettings
from services.runtime.loops import Loop
from services.runtime.migrations import migrate
from services.runtime.queue import Received, Route, Tx
from services.runtime.storage import ObjectStorage
from services.runtime.web import serve

SERVICE = "ingest"
TITLE = "Otzvuk: the door for PBX and CRM events"


@click.command()
def command() -> None:
    """Run the door for PBX and CRM events."""
    settings = Settings.load()
    logs.configure(SERVICE, settings.log_level)
    sys.exit(run(settings))


@dataclass(frozen=True, slots=True)
class Parts:
    """The real parts of a running door."""

    settings: Settings
    database: DoorFirst
    webhooks: Mapping[str, Provider]
    telephony: Mapping[str, Provider]
    clerk: Clerk

    @property
    def providers(self) -> dict[str, Provider]:
        """Every source that raw events can come from."""
        return {**self.webhooks, **self.telephony, "import": ImportedEvents()}

    def desk(self, tx: Tx) -> Desk:
        """What handlers work with in one transaction."""
        secret = self.settings.client_key_secret.get_secret_value().encode()
        return Desk(SqlStore(tx.connection), tx, self.providers, secret, self.settings.ingest_phone_region)


def open_database(settings: Settings) -> DoorFirst:
    """The service's database, brought up to date."""
    url = settings.database(SERVICE, settings.ingest_database_url)
    migrate(url, f"services.{SERVICE}")
    return DoorFirst(url)


def sources(settings: Settings) -> dict[str, Provider]:
    """Every source by name, for reading only: nothing can be fetched with these."""
    return {**make_webhooks(settings, None), **make_telephony(settings, None), "import": ImportedEvents()}


def make_parts(settings: Settings) -> Parts:
    """Joins the parts; the database is brought up to date."""
    storage = ObjectStorage(settings.storage())
    limits = Limits(
        bytes=settings.ingest_recording_max_mebibytes * 2**20, seconds=settings.ingest_recording_max_seconds
    )
    shelf = RecordingShelf(Downloader(limits), storage, settings.data_folder / "spool")
    return Parts(
        settings=settings,
        database=open_database(settings),
        webhooks=make_webhooks(settings, shelf),
        telephony=make_telephony(settings, shelf),
        clerk=StorageClerk(storage),
    )


def make_webhooks(settings: Settings, shelf: RecordingShelf | None) -> dict[str, Provider]:
    """The documented webhook's sources by name."""
    rules = LinkRules(
        hosts=tuple(host.lower() for host in settings.ingest_recording_hosts),
        http=settings.ingest_recording_http,
        loopback=settings.ingest_recording_loopback,
        ports=tuple(settings.ingest_recording_ports),
        networks=tuple(settings.ingest_recording_networks),
    )
    return {
        source: GenericWebhook([secret.get_secret_value() for secret in secrets], rules, shelf)
        for source, secrets in settings.ingest_webhook_secrets.items()
    }


def make_telephony(settings: Settings, shelf: RecordingShelf | None) -> dict[str, Provider]:
    """PBX adapters that the settings switch on. A new one is a file in `adapters/telephony` and its lines here."""
    providers: dict[str, Provider] = {}
    key = settings.ingest_mango_api_key.get_secret_value()
    if key:
        api_host = settings.ingest_mango_api_url.split("://", 1)[-1].split("/", 1)[0].split(":", 1)[0]
        local = settings.ingest_recording_loopback
        providers["mango"] = MangoOffice(
            key=key,
            salt=settings.ingest_mango_api_salt.get_secret_value(),
            rules=MangoRules(
                clock_offset=timedelta(seconds=settings.ingest_mango_clock_offset_seconds),
                rating_menus=tuple(settings.ingest_mango_rating_menus),
                seller_channel=settings.ingest_mango_seller_channel,
            ),
            api_url=settings.ingest_mango_api_url,
            api_links=LinkRules(hosts=(api_host,), http=local, loopback=local),
            file_links=LinkRules(hosts=tuple(settings.ingest_mango_file_hosts), http=local, loopback=local),
            shelf=shelf,
        )
    return providers


def make_app(parts: Parts, keeper: Keeper, clock: Callable[[], datetime]) -> FastAPI:
    """The web app."""
    app = FastAPI(title=TITLE, version="1", docs_url=None, redoc_url=None)
    add_routes(app, Door(parts.webhooks, parts.telephony, keeper, clock, note))
    return app


def note(what: str, source: str, outcome: str) -> None:
    """Counts what the door did."""
    if what == "kept":
        metrics.count("ingest.raw_events", source=source, outcome=outcome)
    else:
        metrics.count("ingest.refused", source=source, code=outcome)


def make_routes(parts: Parts) -> list[Route]:
    """The service's own jobs."""
    return [
        Route(RAW_EVENT, handle=_raw_event(parts), on_buried=_raw_event_buried(parts)),
        Route(DOWNLOAD, handle=_download_ended(parts), prepare=_download(parts), on_buried=_download_buried(parts)),
        Route(TRANSCRIPT, handle=_transcript_written(parts), prepare=_write_transcript(parts)),
        Route(REPUBLISH, handle=_republish(parts)),
    ]


def _raw_event(parts: Parts) -> Callable[[Received, Any, Tx], None]:
    return lambda received, _, tx: raw.raw_event(received.data, parts.desk(tx))


def _raw_event_buried(parts: Parts) -> Callable[[Received, str, Tx], None]:
    return lambda received, code, tx: raw.raw_event_buried(received.data, code, parts.desk(tx))


def _download(parts: Parts) -> Callable[[Received], Fetched | NotFetched | None]:
    def prepare(received: Received) -> Fetched | NotFetched | None:
        with parts.database.read() as connection:
            wanted = recordings.wanted(received.data, SqlStore(connection))
        return None if wanted is None else recordings.fetch(wanted, parts.providers)

    return prepare


def _download_ended(parts: Parts) -> Callable[[Received, Any, Tx], None]:
    return lambda received, result, tx: recordings.download_ended(received.data, result, parts.desk(tx))


def _download_buried(parts: Parts) -> Callable[[Received, str, Tx], None]:
    return lambda received, code, tx: recordings.download_buried(received.data, code, parts.desk(tx))


def _write_transcript(parts: Parts) -> Callable[[Received], tuple[TranscriptFact, str]]:
    def prepare(received: Received) -> tuple[TranscriptFact, str]:
        with parts.database.read() as connection:
            fact = raw.transcript_of(received.data, SqlStore(connection), parts.providers)
        return fact, recordings.write_transcript(fact, parts.clerk)

    return prepare


def _transcript_written(parts: Parts) -> Callable[[Received, Any, Tx], None]:
    return lambda _, written, tx: recordings.transcript_written(written[0], written[1], parts.desk(tx))


def _republish(parts: Parts) -> Callable[[Received, Any, Tx], None]:
    return lambda received, _, tx: republish.republish(received.data, parts.desk(tx))


def run(settings: Settings) -> int:
    """Runs until SIGTERM; exit code."""
    parts = make_parts(settings)
    keeper = GroupKeeper(parts.database)
    app = make_app(parts, keeper, lambda: datetime.now(UTC))
    return serve(
        app,
        service=SERVICE,
        database=parts.database,
        kafka=KafkaSettings.of(settings),
        settings=settings,
        port=settings.ingest_http_port,
        routes=make_routes(parts),
        loops=[Loop("keeper", keeper.step, 0)],
        parallel=settings.ingest_work_threads,
    )
