"""Which segments of a recogniser are not to be believed, and which of two tries is the better one.

Log probability −1 and no speech 0.6 are Whisper's own thresholds; its 2.4 for compression is too low for Russian, whose
letters of two bytes compress better.
"""

from collections.abc import Sequence
from enum import StrEnum

from services.transcribe.domain.loops import find_loops, is_credit
from services.transcribe.domain.transcript import Segment, bare, mean_probability

COMPRESSION = 2.8
LOG_PROBABILITY = -1.0
NO_SPEECH = 0.6
WORD_PROBABILITY = 0.35
WORDS_PER_SECOND = 9.0  # nobody speaks so fast; a decoder that runs away does


class Doubt(StrEnum):
    """Why a segment is doubted."""

    LOOP = "loop"
    CREDIT = "credit"
    NOTHING_SAID = "nothing_said"
    LOW_CONFIDENCE = "low_confidence"
    TOO_FAST = "too_fast"


AGAIN = frozenset({Doubt.LOOP, Doubt.CREDIT, Doubt.TOO_FAST})
WORTHLESS = frozenset({Doubt.CREDIT, Doubt.NOTHING_SAID})  # dropped: such words were not spoken


def doubt(segment: Segment) -> Doubt | None:
    """The first reason to doubt the segment; None when it may be believed."""
    words = [bare(word.text) for word in segment.words]
    if is_credit(segment.text):
        return Doubt.CREDIT
    if segment.no_speech_probability > NO_SPEECH and segment.average_log_probability < LOG_PROBABILITY:
        return Doubt.NOTHING_SAID
    if find_loops(words):
        return Doubt.LOOP
    seconds = max(segment.end_ms - segment.start_ms, 1) / 1000
    if len(words) >= 6 and len(words) / seconds > WORDS_PER_SECOND:
        return Doubt.TOO_FAST
    probability = mean_probability(segment.words)
    if segment.average_log_probability < LOG_PROBABILITY or (
        probability is not None and probability < WORD_PROBABILITY
    ):
        return Doubt.LOW_CONFIDENCE
    return None


def needs_another_try(segments: Sequence[Segment]) -> bool:
    """Whether a window should be recognised again with other settings: it loops, runs away, invents, or is guessed.

    A single doubtful word («угу» on a bad line) is not worth the time.
    """
    return any(
        doubt(segment) in AGAIN
        or segment.compression_ratio > COMPRESSION
        or segment.average_log_probability < LOG_PROBABILITY
        for segment in segments
    ) or _loops_across(segments)


def better(first: Sequence[Segment], second: Sequence[Segment]) -> Sequence[Segment]:
    """Of two tries of one window the one with less doubtful time; if equal, the surer one; if equal, the first.

    A second try without a word never wins: what was heard first may be doubtful, but it is marked so.
    """
    return second if second and _merit(second) > _merit(first) else first


def _merit(segments: Sequence[Segment]) -> tuple[int, float]:
    doubtful = sum(segment.end_ms - segment.start_ms for segment in segments if doubt(segment) is not None)
    doubtful += 10_000 if _loops_across(segments) else 0
    sure = sum(segment.average_log_probability for segment in segments) / len(segments) if segments else LOG_PROBABILITY
    return -doubtful, sure


def _loops_across(segments: Sequence[Segment]) -> bool:
    return bool(find_loops([bare(word.text) for segment in segments for word in segment.words]))
