"""Turns are built from words across both channels: a recogniser's segments join several turns, words do not.

A turn ends where its speaker is silent for `PAUSE_MS`, or where the other one says something in a gap. Overlaps are
kept, and a word of assent from the other side («угу») ends nobody's turn.
"""

from collections.abc import Mapping, Sequence

from services.transcribe.domain.transcript import (
    Heard,
    Interval,
    Speaker,
    Untrusted,
    Utterance,
    Word,
    bare,
    mean_probability,
)
from services.transcribe.domain.vocabulary import ASSENT, LONGEST_ASSENT

PAUSE_MS = 900
SMALLEST_GAP_MS = 200  # recognisers place a word's edges no better than this


def is_assent(words: Sequence[str]) -> bool:
    """Whether the words only say that one listens."""
    said = [bare(word) for word in words]
    return 0 < len(said) <= LONGEST_ASSENT and all(word in ASSENT for word in said)


def build_turns(
    channels: Sequence[Heard], speakers: Mapping[int, Speaker], pause_ms: int = PAUSE_MS
) -> tuple[Utterance, ...]:
    """The utterances of all channels in order of start."""
    turns: list[Utterance] = []
    for heard in channels:
        others = [word for other in channels if other.channel != heard.channel for word in other.words]
        for run in split_runs(heard.words, others, pause_ms):
            turns.append(utterance(run, speakers[heard.channel], heard.channel, heard.untrusted))
    return tuple(sorted(turns, key=lambda turn: (turn.start_ms, turn.end_ms)))


def split_runs(words: Sequence[Word], others: Sequence[Word], pause_ms: int) -> list[tuple[Word, ...]]:
    """One speaker's words as runs that nobody's speech and no long pause divides."""
    runs: list[tuple[Word, ...]] = []
    run: list[Word] = []
    for word in words:
        if run and _ends(run[-1], word, others, pause_ms):
            runs.append(tuple(run))
            run = []
        run.append(word)
    if run:
        runs.append(tuple(run))
    return runs


def _ends(before: Word, after: Word, others: Sequence[Word], pause_ms: int) -> bool:
    gap = after.start_ms - before.end_ms
    if gap >= pause_ms:
        return True
    if gap < SMALLEST_GAP_MS:
        return False
    between = [word.text for word in others if before.end_ms <= (word.start_ms + word.end_ms) // 2 < after.start_ms]
    return bool(between) and not is_assent(between)


def utterance(
    words: Sequence[Word], speaker: Speaker, channel: int | None, untrusted: Sequence[Untrusted] = ()
) -> Utterance:
    """One turn of these words (at least one); not trusted when half of it lies in untrusted stretches."""
    start, end = words[0].start_ms, max(word.end_ms for word in words)
    doubtful = sum(max(0, min(end, stretch.end_ms) - max(start, stretch.start_ms)) for stretch in untrusted)
    return Utterance(
        speaker=speaker,
        channel=channel,
        start_ms=start,
        end_ms=end,
        text=" ".join(word.text.strip() for word in words),
        words=tuple(words),
        confidence=mean_probability(words),
        trusted=doubtful * 2 < end - start,
    )


def spans(utterances: Sequence[Utterance], speaker: Speaker) -> tuple[Interval, ...]:
    """When a speaker's turns are; for transcripts without sound."""
    return tuple(Interval(turn.start_ms, turn.end_ms) for turn in utterances if turn.speaker is speaker)
