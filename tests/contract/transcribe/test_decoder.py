"""The AudioDecoder port: every container that PBXs send becomes 16 kHz samples, one channel a speaker."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from services.transcribe.adapters.decoder import ChildDecoder
from services.transcribe.domain.outcome import FailureReason
from services.transcribe.domain.sound import Limits
from services.transcribe.domain.verdicts import CannotHear
from services.transcribe.ports import AudioDecoder
from tests.fakes.transcribe import FakeDecoder
from tests.sounds import encoded, silence, tone, wav

TWO_SECONDS = tone(2, channels=2)


class DecoderContract:
    """What any decoder promises."""

    @pytest.fixture
    def decoder(self) -> AudioDecoder:
        raise AssertionError("each subclass has its own")

    def test_levels_and_peaks_cover_the_length_on_each_channel(self, decoder: AudioDecoder) -> None:
        with decoder.decode(wav(TWO_SECONDS)) as decoded:
            sound = decoded.sound
        assert sound.channels == len(sound.levels) == len(sound.peaks) == 2
        assert {len(levels) for levels in (*sound.levels, *sound.peaks)} == {sound.duration_ms // 50}

    def test_what_is_no_sound_is_a_verdict(self, decoder: AudioDecoder) -> None:
        with pytest.raises(CannotHear) as verdict, decoder.decode(b"not a sound"):
            pass
        assert verdict.value.reason is FailureReason.BROKEN_AUDIO


class TestFakeDecoder(DecoderContract):
    @pytest.fixture
    def decoder(self) -> AudioDecoder:
        return FakeDecoder(verdicts={b"not a sound": FailureReason.BROKEN_AUDIO})


@pytest.fixture(scope="module")
def real() -> Iterator[ChildDecoder]:
    decoder = ChildDecoder(Limits(seconds=60))
    yield decoder
    decoder.close()


class TestChildDecoder(DecoderContract):
    @pytest.fixture
    def decoder(self, real: ChildDecoder) -> AudioDecoder:
        return real

    @pytest.mark.parametrize(
        ("container", "codec", "bit_rate"),
        [
            ("wav", "pcm_s16le", None),
            ("wav", "pcm_mulaw", None),
            ("wav", "pcm_alaw", None),
            ("wav", "adpcm_ima_wav", None),
            ("mp3", "libmp3lame", 32_000),
            ("flac", "flac", None),
            ("ogg", "libopus", 32_000),
            ("ipod", "aac", 32_000),
            ("webm", "libopus", 32_000),
            ("adts", "aac", 32_000),
        ],
    )
    @pytest.mark.parametrize("channels", [1, 2])
    def test_every_usual_container(
        self, decoder: AudioDecoder, container: str, codec: str, bit_rate: int | None, channels: int
    ) -> None:
        data = encoded(tone(2, channels=channels), container, codec, bit_rate=bit_rate)
        with decoder.decode(data) as decoded:
            samples = np.fromfile(decoded.pcm, dtype=np.int16).reshape(-1, decoded.sound.channels)
            assert decoded.sound.channels == channels
            assert abs(decoded.sound.duration_ms - 2000) <= 200
            assert samples.shape[0] * 1000 // 16_000 == decoded.sound.duration_ms
        middle = samples[8000:24_000].astype(np.float64) / 32768
        assert np.allclose(np.sqrt(np.mean(np.square(middle), axis=0)), 0.2 / np.sqrt(2), rtol=0.2)

    def test_vorbis_from_an_older_recorder(self, decoder: AudioDecoder) -> None:
        data = encoded(TWO_SECONDS, "ogg", "vorbis", options={"strict": "-2"})
        with decoder.decode(data) as decoded:
            assert (decoded.sound.codec, decoded.sound.channels) == ("vorbis", 2)
            assert abs(decoded.sound.duration_ms - 2000) <= 200

    @pytest.mark.parametrize("container", ["amr", "3gp"])
    def test_silence_that_amr_leaves_out_is_silence_and_not_gone(self, decoder: AudioDecoder, container: str) -> None:
        spoken = np.concatenate([tone(2), silence(6), tone(2)])
        data = encoded(spoken, container, "libopencore_amrnb", bit_rate=4750, options={"dtx": "1"})
        with decoder.decode(data) as decoded:
            assert (decoded.sound.channels, round(decoded.sound.duration_ms, -2)) == (1, 10_000)
            (levels,) = decoded.sound.levels
        assert max(levels[60:140]) < -50 < min(levels[4:36])

    def test_channels_stay_apart_and_in_order(self, decoder: AudioDecoder) -> None:
        only_second = tone(2, channels=2)
        only_second[:, 0] = 0
        with decoder.decode(wav(only_second)) as decoded:
            first, second = decoded.sound.levels
        assert (max(first), round(sum(second) / len(second))) == (-90, -17)

    def test_the_samples_are_gone_afterwards(self, decoder: AudioDecoder) -> None:
        with decoder.decode(wav(TWO_SECONDS)) as decoded:
            assert Path(decoded.pcm).is_file()
        assert not Path(decoded.pcm).exists()

    def test_the_name_and_the_length_do_not_matter_but_the_bytes(self, decoder: AudioDecoder) -> None:
        cut = wav(TWO_SECONDS)[:20_000]
        with decoder.decode(cut) as decoded:
            assert 500 < decoded.sound.duration_ms < 700
