"""A call on one channel: the voices are told apart where they differ clearly, and who sells is guessed and said so."""

from collections.abc import Mapping, Sequence

from services.transcribe.domain.intervals import union
from services.transcribe.domain.quality import Reason
from services.transcribe.domain.sound import Sound, loudness_dbfs
from services.transcribe.domain.speakers import opening_lead
from services.transcribe.domain.transcript import Heard, Interval, Speaker
from services.transcribe.domain.voices import VoiceRun, separate

OPENING_WORDS = 30
OWN_PAUSE_MS = 500  # shorter silences within one's own speech are speech, as voice activity counts on stereo


def split_voices(
    heard: Heard, runs: Sequence[VoiceRun], sound: Sound
) -> tuple[list[Heard], Mapping[int, Speaker], list[Reason]]:
    """The channel as one part a voice, who each part is, and what the reader should know."""
    groups = separate(runs)
    if groups is None:
        return [heard], {heard.channel: Speaker.UNKNOWN}, [Reason.MONO, Reason.SPEAKERS_UNKNOWN]
    parts = [_part(heard, [run for run, own in zip(runs, groups, strict=True) if own == voice], voice, sound)
             for voice in (0, 1)]  # fmt: skip
    seller = _seller(parts)
    speakers = {part.channel: Speaker.SELLER if part is seller else Speaker.CLIENT for part in parts}
    return parts, speakers, [Reason.MONO, Reason.SPEAKERS_GUESSED]


def _part(heard: Heard, runs: Sequence[VoiceRun], voice: int, sound: Sound) -> Heard:
    """One voice's words; the channel number stands for the voice until the turns are built."""
    words = tuple(word for word in heard.words if any(run.start_ms <= word.start_ms < run.end_ms for run in runs))
    speech = union([Interval(run.start_ms, run.end_ms) for run in runs], join_ms=OWN_PAUSE_MS)
    untrusted = tuple(
        stretch
        for stretch in heard.untrusted
        if any(stretch.start_ms < run.end_ms and stretch.end_ms > run.start_ms for run in runs)
    )
    return Heard(voice, words, speech, untrusted, loudness_dbfs(sound.levels[0], speech), heard.noise_dbfs)


def _seller(parts: Sequence[Heard]) -> Heard:
    """Who opens like a seller; if that does not tell, who talks like one all along; if that neither, who talks more."""

    def signs(part: Heard) -> tuple[int, int, int]:
        opening = " ".join(word.text for word in part.words[:OPENING_WORDS])
        everything = " ".join(word.text for word in part.words)
        return opening_lead(opening), opening_lead(everything), len(part.words)

    return max(parts, key=signs)
