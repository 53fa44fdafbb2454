"""One channel: two clear voices are told apart, anything else stays unknown."""

import pytest

from services.transcribe.domain.recognition import Channels, Recognised, compose
from services.transcribe.domain.transcript import Dialogue, Grade
from services.transcribe.domain.voices import VoiceRun, separate, silhouette
from tests.fakes.transcribe import make_recognised, make_sound

LOW, HIGH = (0.0, 0.0), (3.0, 3.0)


def runs(*features: tuple[float, float], length_ms: int = 1000) -> list[VoiceRun]:
    return [VoiceRun(i * 1500, i * 1500 + length_ms, feature) for i, feature in enumerate(features)]


def near(feature: tuple[float, float], by: float) -> tuple[float, float]:
    return (feature[0] + by, feature[1] - by)


def test_two_voices_are_told_apart_and_the_first_is_the_first() -> None:
    call = runs(HIGH, LOW, near(HIGH, 0.3), near(LOW, 0.3), near(HIGH, -0.2), near(LOW, -0.2))
    assert separate(call) == (0, 1, 0, 1, 0, 1)
    assert silhouette(call, (0, 1, 0, 1, 0, 1)) > 0.8


@pytest.mark.parametrize(
    "call",
    [
        runs(LOW, HIGH, LOW),  # too few
        runs(*[LOW] * 6),  # all the same
        runs(LOW, near(LOW, 1), near(LOW, -1), near(LOW, 0.5), near(LOW, -0.4), (0.9, 0.8)),
        runs(LOW, LOW, LOW, HIGH),  # a voice heard once is none
        runs(LOW, HIGH, LOW, HIGH, length_ms=600),  # too short to know anybody by
    ],
)
def test_what_is_not_clear_is_not_guessed(call: list[VoiceRun]) -> None:
    assert separate(call) is None


def heard(features: tuple[tuple[float, float], ...]) -> Dialogue:
    channel = make_recognised(
        0,
        (0, "Здравствуйте сколько стоит окно"),
        (1500, "Добрый день компания Тёплый дом"),
        (3500, "мне нужно три окна"),
        (5000, "вам удобно завтра утром"),
    )
    voices = tuple(
        VoiceRun(stretch.start_ms, stretch.end_ms, feature)
        for stretch, feature in zip(channel.speech, features, strict=True)
    )
    dialogue = compose(
        make_sound(channels=1), (Recognised(0, channel.segments, channel.speech, voices),), Channels(None), "ru"
    )
    assert dialogue is not None
    return dialogue


def test_the_voice_that_talks_like_a_seller_is_the_seller() -> None:
    call = heard((LOW, HIGH, LOW, HIGH))
    assert [(turn.speaker.value, turn.channel) for turn in call.utterances] == [
        ("client", 0),
        ("seller", 0),
        ("client", 0),
        ("seller", 0),
    ]
    assert call.quality.reasons[:2] == ("mono", "speakers_guessed")
    assert call.quality.grade is Grade.FAIR
    assert call.speech.seller is not None
    assert call.speech.seller.talk_ms == 2700


def test_one_voice_stays_unknown() -> None:
    call = heard((LOW, LOW, LOW, LOW))
    assert {turn.speaker.value for turn in call.utterances} == {"unknown"}
    assert call.quality.grade is Grade.POOR
