"""Transcription as the service does it against a bare loop of faster-whisper over the same files and settings.

    python -m benchmarks.transcribe_overhead [--repeats 3] [--beam-size 5] [--json OUT]

Both recognise the demo's recordings with the same weights, threads and settings, warmed up, in turns, each in a process
of its own. The service's side is everything between the claim of a queue row and the commit of its result: decoding in
the child, voice activity, recognition, guards, turns, figures, the document in storage, the row, the outbox. Printed:
audio seconds per second of each, and the ratio (median over the rounds).
"""

import hashlib
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import click

from services.models.whisper import locate_whisper
from services.runtime import queue
from services.runtime.children import Child
from services.runtime.database import Database
from services.runtime.migrations import migrate
from services.runtime.storage import ObjectStorage
from services.runtime.work import Work
from services.transcribe.adapters.decoder import ChildDecoder
from services.transcribe.adapters.recognizer import WhisperRecognizer
from services.transcribe.adapters.storage import ObjectTranscripts
from services.transcribe.adapters.store import SqlHistory
from services.transcribe.adapters.voice_activity import MIN_SILENCE_MS, NEGATIVE_THRESHOLD, PAD_MS, THRESHOLD
from services.transcribe.adapters.whisper import Engine
from services.transcribe.app import RECOGNITION, TOPIC, make_routes
from services.transcribe.domain.sound import Limits
from services.transcribe.handlers import Parts

RECORDINGS = Path("demo/recordings")
AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


class Bare:
    """The loop that anybody would write with faster-whisper."""

    def __init__(self, engine: Engine, workers: int) -> None:
        from faster_whisper import WhisperModel

        threads = max(1, engine.threads // workers)
        self._model: Any = WhisperModel(
            engine.path, device="cpu", compute_type=engine.compute_type, cpu_threads=threads, num_workers=workers
        )
        self._engine = engine
        self._workers = workers

    def run(self, files: list[str]) -> None:
        """Recognises every channel of every file."""
        from faster_whisper import decode_audio

        with ThreadPoolExecutor(self._workers) as pool:
            for file in files:
                list(pool.map(self._channel, decode_audio(file, split_stereo=True)))

    def _channel(self, samples: Any) -> list[Any]:
        segments, _ = self._model.transcribe(
            samples,
            language=self._engine.language,
            beam_size=self._engine.beam_size,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
            vad_filter=True,
            vad_parameters={
                "threshold": THRESHOLD,
                "neg_threshold": NEGATIVE_THRESHOLD,
                "min_silence_duration_ms": MIN_SILENCE_MS,
                "speech_pad_ms": PAD_MS,
            },
        )
        return list(segments)


def make_bare(engine: Engine, workers: int) -> Bare:
    """For the child process."""
    return Bare(engine, workers)


class Service:
    """The service's queue, tables, storage, decoder and recogniser, without a broker."""

    def __init__(self, engine: Engine, sha256: str, folder: Path) -> None:
        url = f"sqlite:///{folder / 'transcribe.db'}"
        migrate(url, "services.transcribe")
        self.database = Database(url)
        self.objects = ObjectStorage((folder / "storage").as_uri())
        self.decoder = ChildDecoder(Limits())
        self.recognizer = WhisperRecognizer(engine, "base", sha256)
        self.decoder.start()
        self.recognizer.start()
        parts = Parts(
            storage=ObjectTranscripts(self.objects),
            decoder=self.decoder,
            recognizer=self.recognizer,
            history=SqlHistory(self.database),
            clock=time.monotonic,
        )
        lease = timedelta(seconds=300)
        self.work = Work("transcribe", self.database, make_routes(parts), internal={RECOGNITION}, lease=lease)
        self._round = 0

    def run(self, files: list[str]) -> None:
        """Each file as a message of its own, worked off one after another."""
        self._round += 1
        for file in files:
            self._receive(Path(file))
        done = True
        while done:
            done = self.work.step()

    def _receive(self, file: Path) -> None:
        data = file.read_bytes()
        name = f"{file.stem}-{self._round}"
        self.objects.put(f"audio/{name}", data)
        digest = hashlib.sha256(data).hexdigest()
        event = {
            "call_id": name,
            "recording_id": name,
            "audio": {"uri": f"audio/{name}", "sha256": digest, "size_bytes": len(data), "seller_channel": 0},
            "transcript_uri": None,
            "stored_at": AT.isoformat(),
        }
        with self.database.begin() as connection:
            queue.put(connection, topic=TOPIC, key=name, data=event, event_id=f"e-{name}", occurred_at=AT)

    def close(self) -> None:
        self.decoder.close()
        self.recognizer.close()
        self.database.close()


def timed(run: Callable[[], Any]) -> float:
    """Seconds that `run` takes."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def recordings() -> tuple[list[str], float]:
    """The demo's recordings with a text, and their seconds."""
    texts = sorted(RECORDINGS.glob("*.json"))
    files = [next(p for p in sorted(RECORDINGS.glob(f"{text.stem}.*")) if p.suffix != ".json") for text in texts]
    seconds = sum(json.loads(text.read_text("utf-8"))["duration_ms"] for text in texts) / 1000
    return [str(file) for file in files], seconds


@click.command()
@click.option("--repeats", default=3, show_default=True)
@click.option("--threads", default=2, show_default=True)
@click.option("--beam-size", default=5, show_default=True)
@click.option("--batch-size", default=1, show_default=True, help="Of the service; the bare loop is sequential.")
@click.option("--one-channel-at-a-time", is_flag=True, help="Of the bare loop; by default it does as the service does.")
@click.option("--json", "out", type=click.Path(path_type=Path))
def main(
    repeats: int, threads: int, beam_size: int, batch_size: int, one_channel_at_a_time: bool, out: Path | None
) -> None:
    """Prints audio seconds per second of both and the ratio."""
    found = locate_whisper("base", Path("data/models"))
    engine = Engine(str(found.path), "cpu", "int8", threads, "ru", beam_size, batch_size, "")
    files, audio = recordings()
    workers = 1 if one_channel_at_a_time else min(2, threads)
    bare = Child("benchmarks.transcribe_overhead:make_bare", {"engine": engine, "workers": workers}, threads=threads)
    bare.call("run", files[:2], timeout_seconds=600)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        service = Service(engine, found.sha256, Path(folder))
        service.run(files[:2])
        for turn in range(repeats):
            rows.append(_round(turn, bare, service, files))
            click.echo(f"round {turn + 1}: bare {audio / rows[-1][0]:.2f}, service {audio / rows[-1][1]:.2f} audio s/s")
        service.close()
    bare.close()
    result = {
        "audio_seconds": round(audio, 1),
        "bare_audio_seconds_per_second": round(audio / statistics.median(row[0] for row in rows), 2),
        "service_audio_seconds_per_second": round(audio / statistics.median(row[1] for row in rows), 2),
        "ratio": round(statistics.median(row[0] / row[1] for row in rows), 3),
        "wanted": 0.9,
    }
    click.echo(json.dumps(result, indent=1))
    if out is not None:
        out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def _round(turn: int, bare: Child, service: Service, files: list[str]) -> tuple[float, float]:
    """Seconds of (bare, service) over all files; file by file in turns, so that other work on the machine hits both."""
    seconds = {"bare": 0.0, "service": 0.0}
    for number, file in enumerate(files):
        runs: dict[str, Callable[[], Any]] = {
            "bare": partial(bare.call, "run", [file], timeout_seconds=3600),
            "service": partial(service.run, [file]),
        }
        for name in sorted(runs, reverse=(turn + number) % 2 == 1):
            seconds[name] += timed(runs[name])
    return seconds["bare"], seconds["service"]


if __name__ == "__main__":
    main()
