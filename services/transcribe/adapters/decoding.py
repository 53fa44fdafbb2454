"""Inside the decoding process: bytes to 16 kHz samples in a file, with limits on everything a file can claim.

FFmpeg (through PyAV) gets bytes in memory, never a path or an address; the demuxer is named, protocols are shut,
and the process itself may neither take much memory nor write large files.
"""

import io
import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from services.transcribe.adapters.formats import demuxer_of
from services.transcribe.adapters.levels import Meter
from services.transcribe.domain.outcome import FailureReason
from services.transcribe.domain.sound import RATE, Limits, Sound
from services.transcribe.domain.verdicts import CannotHear

NO_PROTOCOLS = {"protocol_whitelist": "none", "enable_drefs": "0", "use_absolute_path": "0"}
CODECS = {
    "mov": frozenset({"aac", "mp3", "alac", "opus", "amrnb", "amrwb", "pcm_s16le", "pcm_mulaw", "pcm_alaw"}),
    "matroska": frozenset({"opus", "vorbis", "aac", "mp3", "flac", "pcm_s16le"}),
    "ogg": frozenset({"opus", "vorbis", "flac", "speex"}),
}
# FFmpeg's own AMR decoders refuse the frames that stand for silence (DTX), which would shorten the sound. These take
# them, but anything else too: the frame types that there are (3GPP TS 26.101, 26.201) are held here.
AMR = {
    "amrnb": ("libopencore_amrnb", frozenset({*range(9), 15})),
    "amrwb": ("libopencore_amrwb", frozenset({*range(10), 14, 15})),
}
MEMORY = 1_500 * 2**20  # bytes beyond what the process has at its start
CPU_SECONDS = 300
MOST_BAD_PACKETS = 50


def make_decoder(limits: Limits) -> "SafeDecoder":
    """The object of the decoding process; from here on the process is limited."""
    memory = _address_space() + MEMORY
    largest = limits.seconds * RATE * 2 * limits.channels + 2**20
    for kind, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, largest), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(kind, (value, value))
    return SafeDecoder(limits)


def _address_space() -> int:
    pages = (
        int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) if Path("/proc/self/statm").exists() else 0
    )
    return pages * resource.getpagesize()


class SafeDecoder:
    """Decodes one file after another."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def decode(self, data: bytes, target: str) -> Sound:
        """Writes int16 samples (channels interleaved, 16000 Hz) to `target`. Raises CannotHear."""
        if len(data) > self._limits.bytes:
            raise CannotHear(FailureReason.TOO_LONG, "The file is larger than recordings may be.")
        demuxer = demuxer_of(data)
        self._allow_cpu()
        try:
            with (
                av.open(
                    io.BytesIO(data), "r", format=demuxer, options=NO_PROTOCOLS, metadata_errors="ignore"
                ) as container,
                Path(target).open("wb") as pcm,
            ):
                return self._read(container, demuxer, pcm)
        except (av.error.FFmpegError, ValueError, UnicodeDecodeError, MemoryError) as error:
            raise CannotHear(FailureReason.BROKEN_AUDIO, f"The file cannot be decoded as {demuxer}.") from error

    def _allow_cpu(self) -> None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))

    def _read(self, container: Any, demuxer: str, pcm: BinaryIO) -> Sound:
        if not container.streams.audio:
            raise CannotHear(FailureReason.UNSUPPORTED_FORMAT, "The file holds no sound.")
        stream = container.streams.audio[0]
        context = stream.codec_context
        self._check(demuxer, context.name, context.layout.nb_channels, context.sample_rate or 0)
        stream.thread_type = "NONE"
        used = min(context.layout.nb_channels, 2)
        meter = Meter(used)
        frames = 0
        for samples in _resampled(_frames(container, stream, _decode(context)), used):
            frames += samples.shape[0]
            if frames > self._limits.seconds * RATE:
                raise CannotHear(FailureReason.TOO_LONG, f"The recording is longer than {self._limits.seconds} s.")
            meter.add(samples)
            pcm.write(samples.tobytes())
        if frames == 0:
            raise CannotHear(FailureReason.BROKEN_AUDIO, "The file holds no sound that could be decoded.")
        levels, peaks = meter.result()
        return Sound(demuxer, context.name, context.sample_rate, used, frames * 1000 // RATE, levels, peaks)

    def _check(self, demuxer: str, codec: str, channels: int, rate: int) -> None:
        if channels > self._limits.channels:
            raise CannotHear(FailureReason.TOO_MANY_CHANNELS, f"The recording has {channels} channels; 2 are the most.")
        if channels < 1 or rate < 1:
            raise CannotHear(FailureReason.BROKEN_AUDIO, "The file does not tell its channels or its rate.")
        if rate > self._limits.rate:
            raise CannotHear(FailureReason.UNSUPPORTED_FORMAT, f"The recording has {rate} samples a second.")
        allowed = CODECS.get(demuxer)
        if allowed is not None and codec.removesuffix("float") not in allowed:
            raise CannotHear(FailureReason.UNSUPPORTED_FORMAT, "The file's kind of compression is not taken.")


def _decode(context: Any) -> Callable[[Any], list[Any]]:
    """How a packet becomes frames: by the stream's own decoder, or by a better one. Raises FFmpegError."""
    name, kinds = AMR.get(context.name, ("", frozenset()))
    if name not in av.codecs_available:
        return context.decode  # type: ignore[no-any-return]
    better = av.CodecContext.create(name, "r")
    better.sample_rate, better.layout = context.sample_rate, context.layout

    def decode(packet: Any) -> list[Any]:
        if packet.size and bytes(packet)[0] >> 3 & 0xF not in kinds:
            raise av.error.InvalidDataError(0, "AMR has no frames of this type")
        return better.decode(packet)  # type: ignore[no-any-return]

    return decode


def _frames(container: Any, stream: Any, decode: Callable[[Any], list[Any]]) -> Iterator[Any]:
    """Decoded frames; single broken packets are passed over, a file of them is not."""
    bad = 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.error.FFmpegError:
            return  # the file breaks off; what came before is sound
        try:
            yield from decode(packet)
        except av.error.FFmpegError:
            bad += 1
            if bad > MOST_BAD_PACKETS:
                raise


def _resampled(frames: Iterator[Any], channels: int) -> Iterator[NDArray[np.int16]]:
    """int16[n, channels] at 16000 Hz, as they come."""
    resampler = av.AudioResampler(format="s16", layout="stereo" if channels == 2 else "mono", rate=RATE)
    for frame in frames:
        if frame.layout.nb_channels != channels:
            raise ValueError("the number of channels changes within the file")
        frame.pts = None
        for part in resampler.resample(frame):
            yield part.to_ndarray().reshape(-1, channels)
    for part in resampler.resample(None):
        yield part.to_ndarray().reshape(-1, channels)
