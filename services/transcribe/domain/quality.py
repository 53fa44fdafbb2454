"""How far a text can be trusted: one grade with named reasons, so that a weak text never becomes a bad mark."""

from collections.abc import Sequence
from enum import StrEnum

from services.transcribe.domain.intervals import total_ms
from services.transcribe.domain.transcript import Grade, Interval, Quality, Untrusted, Utterance

GOOD_CONFIDENCE = 0.7
FAIR_CONFIDENCE = 0.5
FAIR_UNTRUSTED_SHARE = 0.1
POOR_UNTRUSTED_SHARE = 0.3
QUIET_DBFS = -38.0
CLEAR_OF_NOISE_DB = 12.0


class Reason(StrEnum):
    """Why a grade is not better, or what the reader should know."""

    LOW_CONFIDENCE = "low_confidence"
    UNTRUSTED_STRETCHES = "untrusted_stretches"
    MONO = "mono"
    SPEAKERS_UNKNOWN = "speakers_unknown"
    SPEAKERS_GUESSED = "speakers_guessed"
    CHANNELS_DOUBTFUL = "channels_doubtful"
    ONE_SIDED = "one_sided"
    QUIET = "quiet"
    NOISY = "noisy"
    CLIPPED = "clipped"
    ECHO = "echo"
    SOUND_UNREADABLE = "sound_unreadable"


POOR = frozenset({Reason.SPEAKERS_UNKNOWN})
FAIR = frozenset(
    {
        Reason.MONO,
        Reason.SPEAKERS_GUESSED,
        Reason.CHANNELS_DOUBTFUL,
        Reason.ONE_SIDED,
        Reason.QUIET,
        Reason.NOISY,
        Reason.CLIPPED,
    }
)


def judge(utterances: Sequence[Utterance], untrusted: Sequence[Untrusted], known: Sequence[Reason]) -> Quality:
    """The grade: the worst of word confidence, share of untrusted speech, and what is `known` of sound and speakers."""
    confidence = mean_confidence(utterances)
    share = untrusted_share(utterances, untrusted)
    reasons = list(known)
    if confidence is not None and confidence < GOOD_CONFIDENCE:
        reasons.append(Reason.LOW_CONFIDENCE)
    if share > 0:
        reasons.append(Reason.UNTRUSTED_STRETCHES)
    return Quality(_grade(confidence, share, reasons), tuple(reason.value for reason in reasons), tuple(untrusted))


def _grade(confidence: float | None, share: float, reasons: Sequence[Reason]) -> Grade:
    sure = 1.0 if confidence is None else confidence
    if sure < FAIR_CONFIDENCE or share > POOR_UNTRUSTED_SHARE or any(reason in POOR for reason in reasons):
        return Grade.POOR
    if sure < GOOD_CONFIDENCE or share > FAIR_UNTRUSTED_SHARE or any(reason in FAIR for reason in reasons):
        return Grade.FAIR
    return Grade.GOOD


def mean_confidence(utterances: Sequence[Utterance]) -> float | None:
    """Mean over the words, so that a long turn counts more; None when no turn has a confidence."""
    known = [(turn.confidence, len(turn.text.split())) for turn in utterances if turn.confidence is not None]
    words = sum(count for _, count in known)
    return sum(confidence * count for confidence, count in known) / words if words else None


def untrusted_share(utterances: Sequence[Utterance], untrusted: Sequence[Untrusted]) -> float:
    """Untrusted milliseconds per millisecond of turns, 0…1."""
    spoken = total_ms([Interval(turn.start_ms, turn.end_ms) for turn in utterances])
    doubtful = total_ms([Interval(stretch.start_ms, stretch.end_ms) for stretch in untrusted])
    return min(1.0, doubtful / spoken) if spoken else float(bool(doubtful))


def sound_reasons(loudness: float | None, noise: float | None, clipped: bool) -> tuple[Reason, ...]:
    """What a channel's loudness (dBFS) says."""
    reasons: list[Reason] = []
    if loudness is not None and loudness < QUIET_DBFS:
        reasons.append(Reason.QUIET)
    if loudness is not None and noise is not None and loudness - noise < CLEAR_OF_NOISE_DB:
        reasons.append(Reason.NOISY)
    if clipped:
        reasons.append(Reason.CLIPPED)
    return tuple(reasons)
