"""The grade of a text and its reasons; loudness, noise and silence of a channel."""

import pytest

from services.transcribe.domain.quality import Reason, judge, sound_reasons, untrusted_share
from services.transcribe.domain.sound import is_clipped, is_near_silent, loudness_dbfs, noise_dbfs
from services.transcribe.domain.transcript import Grade, Interval, Speaker, Untrusted, Utterance


def turn(confidence: float | None, words: int = 4, start: int = 0, end: int = 1000) -> Utterance:
    return Utterance(Speaker.SELLER, start, end, " ".join(["да"] * words), confidence=confidence)


@pytest.mark.parametrize(
    ("confidence", "untrusted_ms", "known", "grade"),
    [
        (0.9, 0, [], Grade.GOOD),
        (None, 0, [], Grade.GOOD),
        (0.7, 0, [], Grade.GOOD),
        (0.69, 0, [], Grade.FAIR),
        (0.5, 0, [], Grade.FAIR),
        (0.49, 0, [], Grade.POOR),
        (0.9, 100, [], Grade.GOOD),
        (0.9, 101, [], Grade.FAIR),
        (0.9, 301, [], Grade.POOR),
        (0.9, 0, [Reason.ECHO], Grade.GOOD),
        (0.9, 0, [Reason.ONE_SIDED], Grade.FAIR),
        (0.9, 0, [Reason.MONO, Reason.SPEAKERS_UNKNOWN], Grade.POOR),
    ],
)
def test_grades(confidence: float | None, untrusted_ms: int, known: list[Reason], grade: Grade) -> None:
    untrusted = [Untrusted(0, untrusted_ms, "loop")] if untrusted_ms else []
    assert judge([turn(confidence)], untrusted, known).grade is grade


def test_reasons_are_named() -> None:
    quality = judge([turn(0.6)], [Untrusted(0, 50, "loop")], [Reason.NOISY])
    assert quality.reasons == ("noisy", "low_confidence", "untrusted_stretches")


def test_long_turns_count_more() -> None:
    assert judge([turn(0.9, words=9), turn(0.2, words=1)], [], []).grade is Grade.GOOD
    assert judge([turn(0.9, words=1), turn(0.2, words=9)], [], []).grade is Grade.POOR


def test_doubtful_stretches_without_any_turn_leave_nothing_to_trust() -> None:
    assert untrusted_share([], [Untrusted(0, 10, "loop")]) == 1.0
    assert untrusted_share([], []) == 0.0


@pytest.mark.parametrize(
    ("loudness", "noise", "clipped", "reasons"),
    [
        (-20.0, -50.0, False, ()),
        (-39.0, -60.0, False, (Reason.QUIET,)),
        (-20.0, -31.0, False, (Reason.NOISY,)),
        (-20.0, None, True, (Reason.CLIPPED,)),
        (None, -30.0, False, ()),
    ],
)
def test_what_the_sound_says(
    loudness: float | None, noise: float | None, clipped: bool, reasons: tuple[Reason, ...]
) -> None:
    assert sound_reasons(loudness, noise, clipped) == reasons


def test_loudness_is_the_mean_power_of_speech_and_noise_that_of_the_rest() -> None:
    levels = [-60] * 20 + [-20] * 20 + [-60] * 20  # one second each
    speech = [Interval(1000, 2000)]
    assert (loudness_dbfs(levels, speech), noise_dbfs(levels, speech)) == (-20.0, -60.0)
    assert loudness_dbfs(levels, []) is None
    assert noise_dbfs(levels, [Interval(0, 3000)]) is None
    assert loudness_dbfs([-20, -30], [Interval(0, 100)]) == -22.6


@pytest.mark.parametrize(
    ("levels", "silent"), [([], True), ([-56] * 100, False), ([-58] * 100, True), ([-90] * 98 + [-5] * 2, True)]
)
def test_a_channel_with_nothing_but_noise_and_clicks_is_silent(levels: list[int], silent: bool) -> None:
    assert is_near_silent(levels) is silent


def test_clipping_is_a_share_of_the_peaks() -> None:
    assert [is_clipped([100] * hits + [50] * (100 - hits)) for hits in (5, 6)] == [False, True]
