"""The rubric's criteria by rule, as tables: what is said, and the score the rule gives."""

from decimal import Decimal

import pytest

from services.score.adapters.lexicon import load_morphology
from services.score.domain.criteria import CRITERIA, speech_clarity
from services.score.domain.criteria.feedback_applied import from_zones
from services.score.domain.criteria.finding import Scene
from services.score.domain.criteria.objection_handling import mean_score
from services.score.domain.dialogue import (
    CrmCard,
    DepartmentKind,
    Dialogue,
    SpeechMetrics,
    VoiceMetrics,
    dialogue_of,
)
from services.score.domain.draft import CallType
from services.score.domain.objections import find_objections
from services.score.domain.reading import read
from services.score.domain.red_flags import find_red_flags

MORPHOLOGY = load_morphology()
ZERO, HALF, ONE = Decimal(0), Decimal("0.5"), Decimal(1)


def scene(turns, call_type=CallType.QUALIFICATION, **facts):
    plain = dialogue_of([("seller" if who == "s" else "client", text) for who, text in turns])
    reading = read(Dialogue(**{**plain.__dict__, **facts}), MORPHOLOGY)
    flags = find_red_flags(reading)
    return Scene(reading, call_type, find_objections(reading, flags), flags)


def score(criterion, turns, **facts):
    return CRITERIA[criterion].rule(scene(turns, **facts)).score


@pytest.mark.parametrize(
    ("opening", "expected"),
    [
        ("Здравствуйте, меня зовут Анна, компания «Вектор».", ONE),
        ("Доброе утро, магазин «Лампа».", HALF),
        ("Здрасте.", HALF),
        ("Алло", ZERO),
        ("Да-да, говорите", ZERO),
    ],
)
def test_greeting_counts_its_three_parts(opening, expected):
    assert score("greeting", [("s", opening), ("c", "Мне бы дверь заказать."), ("s", "Какую?")]) == expected


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (["Ирина Петровна, какой размер?", "Ирина Петровна, записываю."], ONE),
        (["Ирина Петровна, какой размер?", "Записываю."], HALF),
        (["Как к вам обращаться?", "Понятно."], HALF),
        (["Какой размер?", "Записываю."], ZERO),
    ],
)
def test_client_name_is_used_twice_once_or_never(later, expected):
    turns = [
        ("s", "Здравствуйте, компания «Вектор»."),
        ("c", "Добрый день."),
        ("s", later[0]),
        ("c", "Да."),
        ("s", later[1]),
    ]
    assert score("client_name", turns) == expected


@pytest.mark.parametrize(
    ("closing", "expected"),
    [
        ("Спасибо за звонок, всего доброго!", ONE),
        ("До свидания.", HALF),
        ("Хорошего дня", HALF),
        ("До вечера!", HALF),
        ("Угу", ZERO),
        ("Всё, вторая линия.", ZERO),
    ],
)
def test_farewell_needs_a_goodbye_and_thanks_or_a_sum(closing, expected):
    turns = [
        ("s", "Здравствуйте."),
        ("c", "Когда привезёте?"),
        ("s", "В среду."),
        ("c", "Спасибо, пока."),
        ("s", closing),
    ]
    assert score("farewell", turns) == expected


def test_a_client_who_hangs_up_leaves_no_farewell_to_score():
    turns = [("s", "Здравствуйте."), ("c", "Нет, не надо мне ничего"), ("s", "Вы меня слышите? Алло?")]
    assert score("farewell", turns) is None


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([], None),
        ([ONE], ONE),
        ([ONE, HALF], ONE),
        ([HALF, ZERO], HALF),
        ([ONE, ZERO, ZERO], HALF),
        ([HALF, ZERO, ZERO], ZERO),
    ],
)
def test_several_objections_are_averaged_and_quarters_round_up(scores, expected):
    assert mean_score(scores) == expected


def test_no_objection_means_it_does_not_apply():
    turns = [("s", "Здравствуйте."), ("c", "Сколько стоит?"), ("s", "Тысяча."), ("c", "Хорошо."), ("s", "До свидания.")]
    assert score("objection_handling", turns) is None


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("Договорились, завтра в десять приедет замерщик.", ONE),
        ("Ну, созвонимся как-нибудь.", HALF),
        ("Понятно.", ZERO),
    ],
)
def test_next_step_is_concrete_vague_or_none(last, expected):
    turns = [("s", "Здравствуйте."), ("c", "Интересны окна."), ("s", last), ("c", "Хорошо."), ("s", "Спасибо.")]
    assert score("next_step", turns) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [("Пожалуйста, подскажите адрес.", ONE), ("Я же уже говорил, сколько можно.", HALF)],
)
def test_politeness_falls_with_curt_words(words, expected):
    assert score("politeness", [("s", "Здравствуйте."), ("c", "Да."), ("s", words)]) == expected


def test_profanity_is_a_red_flag_and_makes_politeness_zero():
    found = scene([("s", "Здравствуйте."), ("c", "Дорого."), ("s", "Да пошёл ты, хрен с тобой.")])
    assert [f.kind.value for f in found.red_flags] == ["profanity"]
    assert CRITERIA["politeness"].rule(found).score == ZERO


@pytest.mark.parametrize(
    ("voice", "expected"),
    [
        ({"words_per_minute": Decimal(120), "loudness_dbfs": Decimal(-20), "fillers": 1}, ONE),
        ({"words_per_minute": Decimal(90), "loudness_dbfs": Decimal(-20), "fillers": 1}, ONE),
        ({"words_per_minute": Decimal(161), "loudness_dbfs": Decimal(-20), "fillers": 1}, HALF),
        ({"words_per_minute": Decimal(80), "loudness_dbfs": Decimal(-50), "fillers": 1}, ZERO),
        ({"words_per_minute": Decimal(120), "loudness_dbfs": Decimal(-20), "fillers": 20}, HALF),
    ],
)
def test_speech_clarity_counts_what_is_off(voice, expected):
    speech = SpeechMetrics(VoiceMetrics(talk_ms=60_000, words=100, **voice), None)
    assert score("speech_clarity", [("s", "Здравствуйте.")], speech=speech) == expected


def test_without_sound_clarity_does_not_apply():
    found = scene([("s", "Здравствуйте.")])
    assert CRITERIA["speech_clarity"].rule(found).score is None
    assert speech_clarity.reason(found, None).ru == "Звука нет, только текст."


@pytest.mark.parametrize(
    ("minutes", "department", "expected"),
    [
        (25, DepartmentKind.SALES, ONE),
        (30, DepartmentKind.SALES, HALF),
        (31, DepartmentKind.SALES, ZERO),
        (40, DepartmentKind.CALL_CENTER, None),
        (None, DepartmentKind.SALES, None),
    ],
)
def test_consultation_time_against_the_norm(minutes, department, expected):
    talk_ms = None if minutes is None else minutes * 60_000
    assert score("consultation_time", [("s", "Да.")], talk_ms=talk_ms, department_kind=department) == expected


def test_a_card_is_compared_with_what_was_said():
    agreed = [
        ("s", "Давайте завтра в десять?"),
        ("c", "Да, хорошо, завтра приезжайте."),
        ("s", "Записал, жду завтра в десять."),
    ]
    assert score("crm_card", agreed, crm=CrmCard("Отказ. Сделка закрыта", refusal_reason="Дорого")) == ZERO
    assert score("crm_card", agreed, crm=CrmCard("Встреча назначена")) == ONE
    assert score("crm_card", agreed) is None


@pytest.mark.parametrize(
    ("zones", "expected"),
    [(("greeting", "farewell"), HALF), (("greeting",), ONE), (("listening",), None), ((), None)],
)
def test_feedback_is_the_mean_of_open_zones(zones, expected):
    assert from_zones(zones, {"greeting": ONE, "farewell": ZERO}) == expected


def test_every_reason_fits_its_length_and_has_both_languages():
    found = scene([("s", "Здравствуйте."), ("c", "Дорого, мы подумаем."), ("s", "Понимаю.")])
    for criterion in CRITERIA.values():
        for value in (ZERO, HALF, ONE, None):
            reason = criterion.reason(found, value)
            assert 0 < len(reason.ru) <= 600
            assert 0 < len(reason.en) <= 600
