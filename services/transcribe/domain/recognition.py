"""From what a recogniser heard on each channel to a dialogue: guards, echo, speakers, turns, figures, grade."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.transcribe.domain.dialogue import PAUSE_MS, build_turns
from services.transcribe.domain.echo import without_echo
from services.transcribe.domain.hearing import believe, merged, within_speech
from services.transcribe.domain.intervals import total_ms
from services.transcribe.domain.mono import split_voices
from services.transcribe.domain.quality import Reason, judge, sound_reasons
from services.transcribe.domain.sound import PER_SECOND, Sound, is_clipped, loudness_dbfs, noise_dbfs
from services.transcribe.domain.speakers import Ground, map_channels
from services.transcribe.domain.speech_metrics import measure
from services.transcribe.domain.transcript import Dialogue, Heard, Interval, Segment, Speaker, Word
from services.transcribe.domain.voices import VoiceRun

SHORTEST_SPEECH_MS = 300  # less voice than this in a whole call is no speech
UNTOLD_PAUSE_MS = 350  # where speakers are not told apart, a text in small pieces reads better than one long turn
EDGE_MS = 250  # words and voice activity place edges differently


@dataclass(frozen=True, slots=True)
class Recognised:
    """One channel as recognised: the segments and where voice activity found speech (unpadded)."""

    channel: int
    segments: tuple[Segment, ...]
    speech: tuple[Interval, ...]
    voices: tuple[VoiceRun, ...] = ()  # only of a recording with a single channel


@dataclass(frozen=True, slots=True)
class Channels:
    """What is known of the channels: `told` by the PBX (None when not), `usual` for when nobody knows."""

    told: int | None
    usual: int = 0


def compose(
    sound: Sound, recognised: Sequence[Recognised], channels: Channels, language: str, pause_ms: int = PAUSE_MS
) -> Dialogue | None:
    """The dialogue; None when nobody says anything."""
    heard = [_hear(channel, sound) for channel in _all_channels(recognised, sound)]
    heard, echoed = _without_echoes(heard, sound)
    speaking = [channel for channel in heard if channel.words]
    if not speaking or total_ms([stretch for channel in speaking for stretch in channel.speech]) < SHORTEST_SPEECH_MS:
        return None
    if sound.channels == 1:
        heard, speakers, reasons = split_voices(heard[0], recognised[0].voices, sound)
    else:
        speakers, reasons = _speakers(heard, channels)
    if echoed:
        reasons.append(Reason.ECHO)
    for channel in speaking:
        clipped = is_clipped(sound.peaks[min(channel.channel, sound.channels - 1)])
        found = sound_reasons(channel.loudness_dbfs, channel.noise_dbfs, clipped)
        reasons.extend(reason for reason in found if reason not in reasons)
    utterances = build_turns(heard, speakers, UNTOLD_PAUSE_MS if Speaker.UNKNOWN in speakers.values() else pause_ms)
    if sound.channels == 1:
        utterances = tuple(replace(turn, channel=0) for turn in utterances)
    untrusted = merged([stretch for channel in heard for stretch in channel.untrusted])
    return Dialogue(
        language=language,
        duration_ms=sound.duration_ms,
        channels=sound.channels,
        utterances=utterances,
        speech=measure(
            utterances,
            {speakers[channel.channel]: channel.speech for channel in heard},
            {speakers[channel.channel]: channel.loudness_dbfs for channel in heard},
            sound.duration_ms,
        ),
        quality=judge(utterances, untrusted, reasons),
        peaks=sound.as_peaks(),
    )


def _all_channels(recognised: Sequence[Recognised], sound: Sound) -> list[Recognised]:
    """Every channel of the sound in order; one that was not shown to the recogniser is empty."""
    shown = {channel.channel: channel for channel in recognised}
    return [shown.get(channel, Recognised(channel, (), ())) for channel in range(sound.channels)]


def _hear(recognised: Recognised, sound: Sound) -> Heard:
    words, untrusted = believe(recognised.segments)
    words = within_speech(words, recognised.speech)
    heard = Heard(recognised.channel, words, recognised.speech, untrusted)
    return _measured(heard, words, sound)


def _measured(heard: Heard, words: tuple[Word, ...], sound: Sound) -> Heard:
    """The channel with these words; voice without words (an echo, a cough, music) is no speech of this speaker."""
    speech = tuple(
        stretch
        for stretch in heard.speech
        if any(word.start_ms < stretch.end_ms + EDGE_MS and word.end_ms > stretch.start_ms - EDGE_MS for word in words)
    )
    levels = sound.levels[heard.channel]
    loudness, noise = loudness_dbfs(levels, speech), noise_dbfs(levels, heard.speech)
    return replace(heard, words=words, speech=speech, loudness_dbfs=loudness, noise_dbfs=noise)


def _without_echoes(heard: list[Heard], sound: Sound) -> tuple[list[Heard], bool]:
    if len(heard) != 2:
        return heard, False
    clean = []
    for own, other in ((heard[0], heard[1]), (heard[1], heard[0])):
        words = without_echo(own.words, other.words, sound.levels[own.channel], sound.levels[other.channel], PER_SECOND)
        clean.append(own if len(words) == len(own.words) else _measured(own, words, sound))
    return clean, any(len(after.words) < len(before.words) for after, before in zip(clean, heard, strict=True))


def _speakers(heard: Sequence[Heard], channels: Channels) -> tuple[Mapping[int, Speaker], list[Reason]]:
    chosen = map_channels(channels.told, heard, channels.usual)
    reasons: list[Reason] = []
    if chosen.ground is not Ground.TOLD:
        reasons.append(Reason.SPEAKERS_GUESSED)
    if chosen.doubtful:
        reasons.append(Reason.CHANNELS_DOUBTFUL)
    if sum(1 for channel in heard if channel.words) == 1:
        reasons.append(Reason.ONE_SIDED)
    return chosen.speakers([channel.channel for channel in heard]), reasons
