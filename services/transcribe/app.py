"""Wiring of transcribe: the only file that joins its real parts or starts anything."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import click

from services.models.whisper import locate_whisper
from services.runtime import logs, metrics
from services.runtime.database import Database
from services.runtime.errors import OtzvukError
from services.runtime.kafka import KafkaSettings
from services.runtime.logs import log
from services.runtime.migrations import migrate
from services.runtime.queue import Received, Route, Tx
from services.runtime.storage import ObjectStorage
from services.runtime.worker import Worker
from services.transcribe import handlers
from services.transcribe.adapters.decoder import ChildDecoder
from services.transcribe.adapters.recognizer import WhisperRecognizer
from services.transcribe.adapters.storage import ObjectTranscripts
from services.transcribe.adapters.store import SqlHistory, SqlStore
from services.transcribe.adapters.whisper import Engine
from services.transcribe.domain.document import as_document
from services.transcribe.domain.outcome import Completed, Failed, Outcome, Request
from services.transcribe.domain.recognition import Channels
from services.transcribe.domain.sound import Limits
from services.transcribe.domain.transcript import Dialogue
from services.transcribe.settings import Settings

SERVICE = "transcribe"
TOPIC = "recording-stored"
RECOGNITION = "recognition"  # own job: sound that no text came with


@click.command()
def command() -> None:
    """Run speech recognition."""
    settings = Settings.load()
    logs.configure(SERVICE, settings.log_level)
    sys.exit(run(settings))


def run(settings: Settings) -> int:
    """Runs until SIGTERM; exit code."""
    url = settings.database(SERVICE, settings.transcribe_database_url)
    decoder, recognizer = make_decoder(settings), make_recognizer(settings)
    migrate(url, f"services.{SERVICE}")
    database = Database(url)
    parts = handlers.Parts(
        storage=ObjectTranscripts(ObjectStorage(settings.storage())),
        decoder=decoder,
        recognizer=recognizer,
        history=SqlHistory(database),
        clock=time.monotonic,
        prefer_supplied_text=settings.transcribe_prefer_supplied_text,
        usual_seller_channel=settings.transcribe_usual_seller_channel,
    )

    Thread(target=_warm, args=(decoder, recognizer), name="warm", daemon=True).start()

    def stop() -> None:
        recognizer.close()
        decoder.close()

    return Worker(
        service=SERVICE,
        database=database,
        kafka=KafkaSettings.of(settings),
        settings=settings,
        routes=make_routes(parts),
        http_port=settings.transcribe_http_port,
        on_stop=stop,
    ).run()


def _warm(decoder: ChildDecoder, recognizer: WhisperRecognizer) -> None:
    """Loads the model beside the start of the worker; a failure shows again, with its place, at the first recording."""
    try:
        decoder.start()
        recognizer.start()
    except OtzvukError as error:
        log.warning("transcribe.not_warm", code=error.code)


def make_decoder(settings: Settings) -> ChildDecoder:
    """The decoding process with the settings' limits."""
    limits = Limits(
        bytes=settings.transcribe_max_recording_mebibytes * 2**20,
        seconds=settings.transcribe_max_recording_minutes * 60,
    )
    return ChildDecoder(limits)


def make_recognizer(settings: Settings) -> WhisperRecognizer:
    """The recognition process. Raises ModelNotFound."""
    name = settings.transcribe_model
    found = locate_whisper(name, settings.model_cache(), settings.transcribe_model_download)
    engine = Engine(
        path=str(found.path),
        device=settings.transcribe_device,
        compute_type=settings.transcribe_compute_type,
        threads=settings.transcribe_threads,
        language=settings.transcribe_language,
        beam_size=settings.transcribe_beam_size,
        batch_size=settings.transcribe_batch_size,
        hotwords=settings.transcribe_hotwords,
    )
    return WhisperRecognizer(engine, found.path.name if "/" in name else name, found.sha256)


class Listening:
    """The real parts without the queue: for a file given by hand."""

    def __init__(self, settings: Settings) -> None:
        self._decoder, self._recognizer = make_decoder(settings), make_recognizer(settings)
        self._usual = settings.transcribe_usual_seller_channel

    def hear(self, data: bytes, seller_channel: int | None) -> Dialogue | None:
        """The dialogue in a recording's bytes; None without speech. Raises CannotHear."""
        return handlers.hear(data, Channels(told=seller_channel, usual=self._usual), self._decoder, self._recognizer)

    def document(self, dialogue: Dialogue, name: str) -> dict[str, Any]:
        """The document `transcript.v1` of a dialogue heard here."""
        card = self._recognizer.card
        return as_document(dialogue, identity="by-hand", call_id=name, recording_id=name, card=card)

    def close(self) -> None:
        self._decoder.close()
        self._recognizer.close()


@contextmanager
def listening() -> Iterator[Listening]:
    """The parts by the settings of this machine, closed at the end."""
    ears = Listening(Settings.load())
    try:
        yield ears
    finally:
        ears.close()


def make_routes(parts: handlers.Parts) -> list[Route]:
    """`recording-stored`: a text of the PBX is taken at once, sound goes to `recognition` with a thread of its own.
    The slow part is done outside, its effect in the transaction that ends the row."""

    def take_text(received: Received) -> tuple[Request, Outcome | None]:
        request = handlers.read_request(received.data)
        return request, handlers.take_text(request, parts)

    def told(received: Received, taken: tuple[Request, Outcome | None], tx: Tx) -> None:
        request, outcome = taken
        if outcome is None:
            tx.later(RECOGNITION, received.key, received.data, event_id=f"recognise-{received.event_id}")
        else:
            ended(request, outcome, tx)

    def recognise(received: Received) -> tuple[Request, Outcome]:
        request = handlers.read_request(received.data)
        outcome = handlers.prepare(request, parts)
        if isinstance(outcome, Completed) and outcome.recognition_ms is not None:
            metrics.observe("transcribe.recognition", outcome.recognition_ms / 1000)
            metrics.count("transcribe.audio", outcome.dialogue.duration_ms / 1000)
        return request, outcome

    def recognised(_: Received, heard: tuple[Request, Outcome], tx: Tx) -> None:
        ended(*heard, tx)

    def ended(request: Request, outcome: Outcome, tx: Tx) -> None:
        store, prefer = SqlStore(tx.connection), parts.prefer_supplied_text
        handlers.handle(request, outcome, store, tx.emit, tx.now, prefer_supplied_text=prefer)
        metrics.count("transcribe.recordings", outcome=_name(outcome))

    def on_buried(received: Received, code: str, tx: Tx) -> None:
        request = handlers.read_request(received.data)
        handlers.give_up(request, code, parts.recognizer.card, SqlStore(tx.connection), tx.emit, tx.now)
        metrics.count("transcribe.recordings", outcome="buried")

    return [
        Route(TOPIC, told, take_text, on_buried),
        Route(RECOGNITION, recognised, recognise, on_buried, lane=RECOGNITION, letters=TOPIC),
    ]


def _name(outcome: Outcome) -> str:
    if isinstance(outcome, Completed):
        return "completed"
    return outcome.reason.value if isinstance(outcome, Failed) else "known"
