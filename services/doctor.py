"""`otzvuk doctor`: one line a thing that must be right before work begins, and what to do when it is not."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from services.runtime.settings import BadSettings

# service → a library that only its extra brings: a machine need not carry them all
SERVICES = {
    "ingest": "phonenumbers",
    "transcribe": "faster_whisper",
    "score": "sentence_transformers",
    "review": "segno",
}
MODELS = {"transcribe": "OTZVUK_TRANSCRIBE_MODEL", "score": "OTZVUK_SCORE_MODEL"}
SHARED_KEY = "doctor/probe"


@dataclass(frozen=True)
class Finding:
    """One line of the report. `advice` is empty when all is well."""

    subject: str
    text: str
    advice: str = ""

    @property
    def good(self) -> bool:
        """Whether nothing needs to be done."""
        return not self.advice


def services_here() -> tuple[str, ...]:
    """The services whose libraries are installed."""
    return tuple(service for service, library in SERVICES.items() if importlib.util.find_spec(library) is not None)


def _load_settings(service: str) -> Any:
    return import_module(f"services.{service}.settings").Settings.load()


def check_settings() -> Iterator[Finding]:
    """Whether the settings of each service that is installed can be read."""
    for service in services_here():
        try:
            _load_settings(service)
        except BadSettings as error:
            yield Finding(f"settings {service}", str(error), "set it in the environment or in .env")
        else:
            yield Finding(f"settings {service}", "can be read")


def check_topics() -> Iterator[Finding]:
    """Whether the broker answers and has every topic."""
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient

    from schemas.codec import topics
    from services.runtime.settings import RuntimeSettings

    settings = RuntimeSettings.load()
    client = AdminClient({"bootstrap.servers": settings.kafka_bootstrap, "log_level": 0})
    try:
        there = set(client.list_topics(timeout=5).topics)
    except KafkaException:
        advice = "start Kafka (`make kafka`) or set OTZVUK_KAFKA_BOOTSTRAP"
        yield Finding("topics", f"no Kafka answers at {settings.kafka_bootstrap}", advice)
        return
    wanted = {name for topic in topics().values() for name in (topic.name, topic.dead_letters)}
    missing = sorted(wanted - there)
    if missing:
        yield Finding("topics", f"{len(missing)} of {len(wanted)} are missing", "run `otzvuk topics create`")
    else:
        yield Finding("topics", f"all {len(wanted)} are at {settings.kafka_bootstrap}")


def check_databases() -> Iterator[Finding]:
    """Whether the database of each service that is installed answers and has the newest tables."""
    from sqlalchemy import create_engine
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import SQLAlchemyError

    for service in services_here():
        try:
            settings = _load_settings(service)
        except BadSettings:  # told already
            continue
        url = settings.database(service, getattr(settings, f"{service}_database_url"))
        shown = make_url(url).render_as_string(hide_password=True)
        database = make_url(url).database
        if url.startswith("sqlite") and not Path(str(database)).exists():
            yield Finding(f"database {service}", f"{shown} is not there yet: the service makes it at its start")
            continue
        engine = create_engine(url)
        try:
            yield _database_state(service, shown, engine)
        except SQLAlchemyError as error:
            advice = f"set OTZVUK_{service.upper()}_DATABASE_URL, or start the database"
            yield Finding(f"database {service}", f"{shown} does not answer ({type(error).__name__})", advice)
        finally:
            engine.dispose()


def _database_state(service: str, shown: str, engine: Any) -> Finding:
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    folder = Path(str(import_module(f"services.{service}").__file__)).parent / "migrations"
    newest = set(ScriptDirectory(str(folder), version_locations=[str(folder / "versions")]).get_heads())
    with engine.connect() as connection:
        current = set(MigrationContext.configure(connection).get_current_heads())
    if current == newest:
        return Finding(f"database {service}", f"{shown} has the newest tables")
    return Finding(
        f"database {service}",
        f"{shown} has tables {', '.join(sorted(current)) or 'none'}, newest are {', '.join(sorted(newest))}",
        f"start {service} once: it brings its tables up to date",
    )


def check_storage() -> Iterator[Finding]:
    """Whether an object can be written, read and deleted."""
    from services.runtime.errors import OtzvukError
    from services.runtime.settings import RuntimeSettings
    from services.runtime.storage import ObjectStorage

    url = RuntimeSettings.load().storage()
    try:
        storage = ObjectStorage(url)
        storage.put(SHARED_KEY, b"otzvuk")
        whole = storage.get(SHARED_KEY) == b"otzvuk"
        storage.delete(SHARED_KEY)
    except (OtzvukError, OSError, ValueError) as error:
        yield Finding("storage", f"{url} does not work: {error}", "set OTZVUK_STORAGE_URL (file:///folder or s3://…)")
        return
    yield Finding(
        "storage", f"{url} writes, reads and deletes", "" if whole else "what was read is not what was written"
    )


def check_models() -> Iterator[Finding]:
    """Whether the weights that the settings name can be found without the hub."""
    from services.models.found import ModelNotFound
    from services.models.registry import wanted_models

    needed = {MODELS[service] for service in services_here() if service in MODELS}
    for model in wanted_models():
        if model.setting not in needed:
            continue
        try:
            found = model.find(allow_download=False)
        except ModelNotFound as error:
            yield Finding(f"model {model.purpose}", str(error), "run `otzvuk models fetch`")
        else:
            yield Finding(f"model {model.purpose}", f"{found.name} from {found.origin.value}")


def check_extras() -> Iterator[Finding]:
    """Which services' libraries are installed; the others are not looked at."""
    here = services_here()
    for service in SERVICES:
        there = service in here
        yield Finding(f"extra {service}", "installed" if there else f"not installed (pip install 'otzvuk[{service}]')")


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    check_extras,
    check_settings,
    check_topics,
    check_databases,
    check_storage,
    check_models,
)


@click.command()
def doctor() -> None:
    """Check settings, topics, databases, storage and models: one line each; exit code 1 when something is to do."""
    ill = False
    for check in CHECKS:
        with suppress(BadSettings):  # the check of settings tells of them
            for finding in check():
                ill = ill or not finding.good
                advice = f" → {finding.advice}" if finding.advice else ""
                click.echo(f"{'✓' if finding.good else '✗'} {finding.subject}: {finding.text}{advice}")
    raise SystemExit(1 if ill else 0)
