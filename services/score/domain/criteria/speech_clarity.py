"""Clear speech: 90–160 words a minute, loud, few fillers; one off is 0.5, two or more 0; no sound does not apply."""

from __future__ import annotations

from decimal import Decimal

from services.score.domain.criteria.finding import HALF, ONE, ZERO, Finding, Scene
from services.score.domain.dialogue import VoiceMetrics
from services.score.domain.draft import Reason

CODE = "speech_clarity"
SLOWEST, FASTEST = Decimal(90), Decimal(160)
QUIETEST_DBFS = Decimal(-35)
FILLERS_PER_100_WORDS = Decimal(6)
_FAULTS = {
    "slow": ("говорит медленно", "speaks slowly"),
    "fast": ("говорит быстро", "speaks fast"),
    "quiet": ("говорит тихо", "speaks too quietly"),
    "fillers": ("много слов-паразитов", "uses many fillers"),
}


def rule(scene: Scene) -> Finding:
    """Counts what is off in the seller's voice."""
    voice = _voice(scene)
    if voice is None:
        return Finding(None)
    number = len(faults(voice))
    return Finding(ONE if number == 0 else HALF if number == 1 else ZERO)


def _voice(scene: Scene) -> VoiceMetrics | None:
    speech = scene.reading.dialogue.speech
    voice = speech.seller if speech else None
    return voice if voice is not None and voice.words_per_minute is not None else None


def faults(voice: VoiceMetrics) -> tuple[str, ...]:
    """Which of tempo, loudness and fillers are off."""
    found: list[str] = []
    if voice.words_per_minute is not None and voice.words_per_minute < SLOWEST:
        found.append("slow")
    if voice.words_per_minute is not None and voice.words_per_minute > FASTEST:
        found.append("fast")
    if voice.loudness_dbfs is not None and voice.loudness_dbfs < QUIETEST_DBFS:
        found.append("quiet")
    if voice.fillers is not None and voice.words and Decimal(voice.fillers * 100) / voice.words > FILLERS_PER_100_WORDS:
        found.append("fillers")
    return tuple(found)


def reason(scene: Scene, score: Decimal | None) -> Reason:
    """Which parts are off, with the tempo."""
    voice = _voice(scene)
    if voice is None or voice.words_per_minute is None:
        return Reason("Звука нет, только текст.", "There is no sound, only text.")
    tempo = int(voice.words_per_minute)
    found = faults(voice)
    if not found:
        return Reason(
            f"Темп {tempo} слов в минуту, громкость и чистота речи в норме.",
            f"{tempo} words a minute, loud and clear enough.",
        )
    ru = ", ".join(_FAULTS[f][0] for f in found)
    en = ", ".join(_FAULTS[f][1] for f in found)
    return Reason(f"Не в норме: {ru} (темп {tempo} слов в минуту).", f"Off: {en} ({tempo} words a minute).")
