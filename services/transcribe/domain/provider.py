"""A transcript that the PBX supplied, as a dialogue: its turns and times are taken, nothing is invented."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.transcribe.domain.dialogue import spans
from services.transcribe.domain.intervals import union
from services.transcribe.domain.quality import Reason, judge, sound_reasons
from services.transcribe.domain.sound import Sound, is_clipped, loudness_dbfs
from services.transcribe.domain.speech_metrics import measure
from services.transcribe.domain.transcript import Dialogue, Interval, Speaker, Utterance

# speaker → channel of the sound, when the recording is stereo and its map is known
ChannelOf = Mapping[Speaker, int]


def read_turns(document: Mapping[str, Any]) -> tuple[Utterance, ...]:
    """The turns of a `provider-transcript.v1` document that say something, in order of start."""
    turns = [
        Utterance(
            speaker=Speaker(entry["speaker"]),
            start_ms=int(entry["start_ms"]),
            end_ms=max(int(entry["end_ms"]), int(entry["start_ms"])),
            text=" ".join(str(entry["text"]).split()),
            confidence=None if entry.get("confidence") is None else round(float(entry["confidence"]), 2),
        )
        for entry in document["utterances"]
    ]
    return tuple(sorted((turn for turn in turns if turn.text), key=lambda turn: (turn.start_ms, turn.end_ms)))


def compose(
    document: Mapping[str, Any], sound: Sound | None, channel_of: ChannelOf, *, sound_unreadable: bool = False
) -> Dialogue | None:
    """The dialogue; None when no turn says anything. With sound: its loudness, length and peaks."""
    turns = read_turns(document)
    if not turns:
        return None
    duration = max([turn.end_ms for turn in turns] + [int(document.get("duration_ms") or 0)])
    present = [speaker for speaker in Speaker if any(turn.speaker is speaker for turn in turns)]
    speech = {speaker: union(spans(turns, speaker)) for speaker in present}
    loudness = {speaker: _loudness(sound, channel_of.get(speaker), speech[speaker]) for speaker in present}
    return Dialogue(
        language=str(document["language"]),
        duration_ms=max(duration, sound.duration_ms) if sound else duration,
        channels=sound.channels if sound else 0,
        utterances=turns,
        speech=measure(turns, speech, loudness, sound.duration_ms if sound else duration),
        quality=judge(turns, (), _reasons(present, sound, loudness, channel_of, sound_unreadable)),
        peaks=sound.as_peaks() if sound else None,
    )


def _loudness(sound: Sound | None, channel: int | None, speech: Sequence[Interval]) -> float | None:
    if sound is None or channel is None or channel >= sound.channels:
        return None
    return loudness_dbfs(sound.levels[channel], speech)


def _reasons(
    present: Sequence[Speaker],
    sound: Sound | None,
    loudness: Mapping[Speaker, float | None],
    channel_of: ChannelOf,
    sound_unreadable: bool,
) -> list[Reason]:
    reasons: list[Reason] = []
    if Speaker.UNKNOWN in present:
        reasons.append(Reason.SPEAKERS_UNKNOWN)
    elif len(present) == 1:
        reasons.append(Reason.ONE_SIDED)
    if sound_unreadable:
        reasons.append(Reason.SOUND_UNREADABLE)
    for speaker in present:
        channel = channel_of.get(speaker)
        if sound is not None and channel is not None and channel < sound.channels:
            found = sound_reasons(loudness[speaker], None, is_clipped(sound.peaks[channel]))
            reasons.extend(reason for reason in found if reason not in reasons)
    return reasons
