"""The SpeechRecognizer port over Whisper in a child process of its own."""

from collections.abc import Sequence

from services.runtime.children import Child
from services.transcribe.adapters.voice_activity import MIN_SILENCE_MS, NEGATIVE_THRESHOLD, PAD_MS, THRESHOLD
from services.transcribe.adapters.whisper import Engine
from services.transcribe.domain.recognition import Recognised
from services.transcribe.domain.transcript import RecognizerCard
from services.transcribe.ports import Decoded

SHORTEST_TIMEOUT_SECONDS = 180
TIMES_THE_LENGTH = 8  # slower than this is no working machine


class WhisperRecognizer:
    """Recognises in the child `services.transcribe.adapters.whisper`. A dead child counts as an attempt (ChildDied)."""

    def __init__(self, engine: Engine, model_name: str, sha256: str) -> None:
        self._child = Child(
            "services.transcribe.adapters.whisper:make_listener", {"engine": engine}, threads=engine.threads
        )
        self._language = engine.language
        self._card = RecognizerCard(
            name="faster-whisper",
            model=model_name,
            sha256=sha256,
            settings={
                "language": engine.language,
                "beam_size": engine.beam_size,
                "batch_size": engine.batch_size,
                "compute_type": engine.compute_type,
                "hotwords": engine.hotwords or None,
                "vad_threshold": THRESHOLD,
                "vad_neg_threshold": NEGATIVE_THRESHOLD,
                "vad_min_silence_ms": MIN_SILENCE_MS,
                "vad_pad_ms": PAD_MS,
            },
        )

    @property
    def card(self) -> RecognizerCard:
        return self._card

    @property
    def language(self) -> str:
        return self._language

    def start(self) -> None:
        """Loads the model now, so that the first recording need not wait for it."""
        self._child.start()

    def recognise(self, decoded: Decoded, channels: Sequence[int]) -> tuple[Recognised, ...]:
        """See the port."""
        timeout = max(SHORTEST_TIMEOUT_SECONDS, decoded.sound.duration_ms * TIMES_THE_LENGTH // 1000)
        answer: tuple[Recognised, ...] = self._child.call(
            "recognise", decoded.pcm, decoded.sound.channels, tuple(channels), timeout_seconds=timeout
        )
        return answer

    def close(self) -> None:
        self._child.close()
