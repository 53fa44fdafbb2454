"""From what was heard on each channel to a dialogue."""

from services.transcribe.domain.recognition import Channels, compose
from services.transcribe.domain.sound import Sound
from services.transcribe.domain.transcript import Dialogue, Grade, Speaker
from tests.fakes.transcribe import make_recognised, make_sound

SELLER = make_recognised(0, (0, "Добрый день компания Тёплый дом"), (4000, "Слушаю вас внимательно"))
CLIENT = make_recognised(1, (2000, "Здравствуйте сколько стоит окно"))


def dialogue(*heard: object, told: int | None = 0, sound: Sound | None = None) -> Dialogue:
    composed = compose(sound or make_sound(), heard, Channels(told), "ru")  # type: ignore[arg-type]
    assert composed is not None
    return composed


def test_a_stereo_call() -> None:
    call = dialogue(SELLER, CLIENT)
    assert [(turn.speaker.value, turn.channel, turn.text) for turn in call.utterances] == [
        ("seller", 0, "Добрый день компания Тёплый дом"),
        ("client", 1, "Здравствуйте сколько стоит окно"),
        ("seller", 0, "Слушаю вас внимательно"),
    ]
    assert (call.quality.grade, call.quality.reasons) == (Grade.FAIR, ("noisy",))  # the fake's level never falls
    assert (call.channels, call.duration_ms, call.word_count) == (2, 10_000, 12)
    assert call.peaks is not None
    assert len(call.peaks.channels) == 2


def test_the_map_of_the_channels_is_the_pbxs_word() -> None:
    call = dialogue(SELLER, CLIENT, told=1)
    assert [turn.speaker for turn in call.utterances] == [Speaker.CLIENT, Speaker.SELLER, Speaker.CLIENT]
    assert "channels_doubtful" in call.quality.reasons


def test_without_that_word_the_one_who_opens_like_a_seller_is_the_seller() -> None:
    client_first = make_recognised(0, (0, "Здравствуйте сколько стоит окно"))
    seller_second = make_recognised(1, (2000, "Добрый день компания Тёплый дом"))
    call = dialogue(client_first, seller_second, told=None)
    assert [turn.speaker for turn in call.utterances] == [Speaker.CLIENT, Speaker.SELLER]
    assert "speakers_guessed" in call.quality.reasons


def test_one_side_only() -> None:
    call = dialogue(make_recognised(0), CLIENT)
    assert "one_sided" in call.quality.reasons
    assert call.quality.grade is Grade.FAIR
    assert call.speech.seller is not None
    assert call.speech.seller.talk_ms == 0


def test_mono_has_no_speakers_and_says_so() -> None:
    call = dialogue(SELLER, sound=make_sound(channels=1), told=None)
    assert {turn.speaker for turn in call.utterances} == {Speaker.UNKNOWN}
    assert call.quality.reasons[:2] == ("mono", "speakers_unknown")
    assert (call.speech.seller, call.speech.client) == (None, None)


def test_nothing_said_is_no_dialogue() -> None:
    assert compose(make_sound(), (), Channels(0), "ru") is None
    assert compose(make_sound(), (make_recognised(0),), Channels(0), "ru") is None
    credit = make_recognised(0, (0, "Редактор субтитров А.Семкин"))
    assert compose(make_sound(), (credit,), Channels(0), "ru") is None


def test_a_single_short_sound_is_no_speech() -> None:
    assert compose(make_sound(), (make_recognised(0, (0, "ы")),), Channels(0), "ru") is not None
    short = make_recognised(0, (0, "ы"))
    clipped = type(short)(0, short.segments, (type(short.speech[0])(0, 299),))
    assert compose(make_sound(), (clipped,), Channels(0), "ru") is None


def test_an_echo_is_dropped_and_named() -> None:
    said = make_recognised(0, (0, "мы привезём завтра утром всё"))
    echo = make_recognised(1, (200, "мы привезём завтра утром"), (5000, "хорошо жду вас"))
    loud, quiet = (-18,) * 200, (-45,) * 60 + (-20,) * 140
    sound = Sound("wav", "pcm", 8000, 2, 10_000, (loud, quiet), ((40,) * 200, (40,) * 200))
    call = dialogue(said, echo, sound=sound)
    assert [turn.text for turn in call.utterances] == ["мы привезём завтра утром всё", "хорошо жду вас"]
    assert "echo" in call.quality.reasons
    assert call.speech.client is not None
    assert call.speech.client.talk_ms == 900


def test_doubtful_speech_is_marked() -> None:
    call = dialogue(make_recognised(0, (0, "что то невнятное про окна"), log_probability=-1.5), CLIENT)
    assert [turn.trusted for turn in call.utterances] == [False, True]
    assert [(stretch.start_ms, stretch.end_ms, stretch.reason) for stretch in call.quality.untrusted] == [
        (0, 1500, "low_confidence")
    ]
