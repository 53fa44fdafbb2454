"""The real model on a real recording of the demo: words, speakers, times, guards."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.models.found import ModelNotFound
from services.models.whisper import PACKAGE_SHA256, locate_whisper
from services.transcribe.adapters.decoder import ChildDecoder
from services.transcribe.adapters.recognizer import WhisperRecognizer
from services.transcribe.adapters.whisper import Engine
from services.transcribe.domain.recognition import Channels
from services.transcribe.domain.sound import Limits
from services.transcribe.domain.transcript import Dialogue
from services.transcribe.domain.word_errors import comparable, word_errors
from services.transcribe.handlers import hear
from services.transcribe.ports import Decoded
from tests.fakes.transcribe import make_sound
from tests.sounds import silence

pytestmark = [pytest.mark.models, pytest.mark.slow]
DEMO = Path(__file__).parents[3] / "demo" / "recordings"


@pytest.fixture(scope="module")
def recognizer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WhisperRecognizer]:
    try:
        found = locate_whisper("base", tmp_path_factory.mktemp("models"))
    except ModelNotFound as missing:
        pytest.skip(str(missing))
    engine = Engine(str(found.path), "cpu", "int8", 2, "ru", 5, 1, "")
    made = WhisperRecognizer(engine, "base", found.sha256)
    yield made
    made.close()


@pytest.fixture(scope="module")
def call(recognizer: WhisperRecognizer) -> Dialogue:
    decoder = ChildDecoder(Limits())
    data = (DEMO / "windows-measure.mp3").read_bytes()
    dialogue = hear(data, Channels(told=None), decoder, recognizer)
    decoder.close()
    assert dialogue is not None
    return dialogue


def spoken() -> list[dict[str, str | int]]:
    turns: list[dict[str, str | int]] = json.loads((DEMO / "windows-measure.json").read_text("utf-8"))["turns"]
    return turns


def test_the_card_names_the_weights(recognizer: WhisperRecognizer) -> None:
    assert (recognizer.card.model, recognizer.card.sha256) == ("base", PACKAGE_SHA256)


@pytest.mark.parametrize("speaker", ["seller", "client"])
def test_the_words_are_those_that_were_said(call: Dialogue, speaker: str) -> None:
    said = " ".join(str(turn["text"]) for turn in spoken() if turn["speaker"] == speaker)
    heard = " ".join(turn.text for turn in call.utterances if turn.speaker.value == speaker)
    assert word_errors(comparable(said), comparable(heard)).rate < 0.3


def test_the_turns_are_those_that_were_spoken(call: Dialogue) -> None:
    turns = spoken()
    assert [turn.speaker.value for turn in call.utterances] == [turn["speaker"] for turn in turns]
    apart = [abs(heard.start_ms - int(turn["start_ms"])) for heard, turn in zip(call.utterances, turns, strict=True)]
    assert max(apart) < 700


def test_the_figures_are_sensible(call: Dialogue) -> None:
    assert call.speech.seller is not None
    assert call.speech.client is not None
    assert 90 < (call.speech.seller.words_per_minute or 0) < 200
    assert -24 < (call.speech.client.loudness_dbfs or 0) < -17
    assert call.quality.untrusted == ()


def test_every_word_has_a_time_inside_its_turn_and_a_probability(call: Dialogue) -> None:
    for turn in call.utterances:
        assert all(turn.start_ms <= word.start_ms < word.end_ms <= turn.end_ms for word in turn.words)
        assert all(word.probability is not None and 0 <= word.probability <= 1 for word in turn.words)


def test_half_a_minute_of_zeros_gives_no_words(recognizer: WhisperRecognizer) -> None:
    with tempfile.NamedTemporaryFile(suffix=".pcm") as file:
        file.write(silence(30, 16_000).tobytes())
        file.flush()
        (channel,) = recognizer.recognise(Decoded(make_sound(30, channels=1), file.name), [0])
    assert (channel.segments, channel.speech) == ((), ())
