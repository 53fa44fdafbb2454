"""How a call sounds: tempo, loudness, fillers, interruptions, silence, overlap (rubric: speech clarity, listening)."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from services.transcribe.domain.dialogue import is_assent
from services.transcribe.domain.intervals import common, gaps, total_ms, union
from services.transcribe.domain.transcript import Interval, Speaker, SpeakerSpeech, Speech, Utterance, bare
from services.transcribe.domain.vocabulary import FILLER_PAIRS, FILLERS

INTERRUPTION_OVERLAP_MS = 400  # less is the imprecision of word times, or a usual change of turns
WENT_ON_WORDS = 3
MONOLOGUE_GAP_MS = 2000
SHORTEST_TALK_MS = 1000  # a tempo from less than a second of speech says nothing


def measure(
    utterances: Sequence[Utterance],
    speech: Mapping[Speaker, Sequence[Interval]],
    loudness: Mapping[Speaker, float | None],
    duration_ms: int,
) -> Speech:
    """The figures of a whole call. `speech`: where each speaker's voice is; who is missing there was not told apart."""
    everything = union(interval for intervals in speech.values() for interval in intervals)
    told_apart = {speaker: intervals for speaker, intervals in speech.items() if speaker is not Speaker.UNKNOWN}
    sounds = {
        speaker: _speaker(speaker, utterances, intervals, loudness.get(speaker))
        for speaker, intervals in told_apart.items()
    }
    inner = gaps(everything, Interval(everything[0].start_ms, everything[-1].end_ms)) if everything else ()
    both = common(told_apart.get(Speaker.SELLER, ()), told_apart.get(Speaker.CLIENT, ()))
    return Speech(
        seller=sounds.get(Speaker.SELLER),
        client=sounds.get(Speaker.CLIENT),
        silence_ms=max(0, duration_ms - total_ms(everything)),
        overlap_ms=total_ms(both),
        longest_pause_ms=max((gap.length_ms for gap in inner), default=0),
    )


def _speaker(
    speaker: Speaker, utterances: Sequence[Utterance], speech: Sequence[Interval], loudness: float | None
) -> SpeakerSpeech:
    own = [turn for turn in utterances if turn.speaker is speaker]
    words = sum(len(turn.text.split()) for turn in own)
    talk = total_ms(speech)
    return SpeakerSpeech(
        talk_ms=talk,
        words=words,
        words_per_minute=round(words * 60_000 / talk, 1) if talk >= SHORTEST_TALK_MS else None,
        loudness_dbfs=loudness,
        interruptions=count_interruptions(utterances, speaker),
        longest_monologue_ms=longest_monologue_ms(utterances, speaker),
        fillers=sum(count_fillers(turn.text) for turn in own),
    )


def count_interruptions(utterances: Sequence[Utterance], by: Speaker) -> int:
    """Times he began while the other was speaking and went on; a word of assent is none."""
    return sum(1 for turn in utterances if turn.speaker is by and any(_cuts_in(turn, other) for other in utterances))


def _cuts_in(turn: Utterance, other: Utterance) -> bool:
    if other.speaker is turn.speaker or not other.start_ms < turn.start_ms < other.end_ms:
        return False
    words = turn.text.split()
    if is_assent(words) or len(words) < WENT_ON_WORDS or is_assent(other.text.split()):
        return False
    return min(turn.end_ms, other.end_ms) - turn.start_ms >= INTERRUPTION_OVERLAP_MS


def longest_monologue_ms(utterances: Sequence[Utterance], speaker: Speaker) -> int:
    """The longest time from the start of one of his turns to the end of the last that nobody answered in between."""
    longest = 0
    start: int | None = None
    end = 0
    for turn in sorted(utterances, key=lambda each: each.start_ms):
        if turn.speaker is speaker:
            if start is None or turn.start_ms - end > MONOLOGUE_GAP_MS:
                start = turn.start_ms
            end = turn.end_ms
            longest = max(longest, end - start)
        elif not is_assent(turn.text.split()):
            start = None
    return longest


def count_fillers(text: str) -> int:
    """Filler words and pairs («ну», «как бы»)."""
    words = [bare(word) for word in text.split()]
    pairs = sum(1 for pair in pairwise(words) if pair in FILLER_PAIRS)
    return pairs + sum(1 for word in words if word in FILLERS)
