"""From a recogniser's segments of one channel to words that may be believed and stretches that may not."""

from collections.abc import Sequence

from services.transcribe.domain.loops import find_loops
from services.transcribe.domain.suspicion import WORTHLESS, Doubt, doubt
from services.transcribe.domain.transcript import Interval, Segment, Untrusted, Word, bare


def believe(segments: Sequence[Segment]) -> tuple[tuple[Word, ...], tuple[Untrusted, ...]]:
    """The channel's words in order, without credits, invented text and superfluous copies; and what stays doubtful."""
    words: list[Word] = []
    untrusted: list[Untrusted] = []
    for segment in segments:
        reason = doubt(segment)
        if reason is not None and reason is not Doubt.LOOP:  # a loop's own stretch is found below
            untrusted.append(Untrusted(segment.start_ms, segment.end_ms, reason.value))
        if reason not in WORTHLESS:
            words.extend(word for word in segment.words if word.text.strip())
    kept, loops = without_loops(words)
    return kept, merged(untrusted + list(loops))


def without_loops(words: Sequence[Word]) -> tuple[tuple[Word, ...], tuple[Untrusted, ...]]:
    """The words with each loop's first copy only; the time of each loop is untrusted."""
    loops = find_loops([bare(word.text) for word in words])
    dropped = {index for loop in loops for index in range(loop.start, loop.end)}
    kept = tuple(word for index, word in enumerate(words) if index not in dropped)
    spans = tuple(
        Untrusted(words[loop.start - loop.period].start_ms, words[loop.end - 1].end_ms, Doubt.LOOP.value)
        for loop in loops
    )
    return kept, spans


def merged(untrusted: Sequence[Untrusted]) -> tuple[Untrusted, ...]:
    """The stretches in order; those of one reason that touch become one."""
    joined: list[Untrusted] = []
    for stretch in sorted(untrusted, key=lambda each: (each.reason, each.start_ms)):
        last = joined[-1] if joined else None
        if last is not None and last.reason == stretch.reason and stretch.start_ms <= last.end_ms:
            joined[-1] = Untrusted(last.start_ms, max(last.end_ms, stretch.end_ms), last.reason)
        else:
            joined.append(stretch)
    return tuple(sorted(joined, key=lambda each: (each.start_ms, each.end_ms)))


def within_speech(words: Sequence[Word], speech: Sequence[Interval], slack_ms: int = 400) -> tuple[Word, ...]:
    """The words whose middle lies in a stretch of speech or at most `slack_ms` beside one."""
    return tuple(
        word
        for word in words
        if any(
            stretch.start_ms - slack_ms <= (word.start_ms + word.end_ms) // 2 < stretch.end_ms + slack_ms
            for stretch in speech
        )
    )
