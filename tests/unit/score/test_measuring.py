"""The figures of evaluate-drafts, the corruptor and the form of the dialogues."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from services.score.domain.dialogue import dialogue_of
from services.score.training.corrupt import corrupt
from services.score.training.dataset import CRITERIA, Example, Gold, GoldObjection, NotADialogue, author_of, load
from services.score.training.dials import logistic
from services.score.training.evaluation import pairs_of
from services.score.training.judged import Judged
from services.score.training.measure import calibration_error, kappa_plus, measure, quadratic_kappa, trust_curve


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)], 1.0),
        ([(0.0, 1.0), (1.0, 0.0)], -1.0),
        ([(0.0, 0.0), (1.0, 1.0), (-1.0, 1.0)], 1.0),
    ],
)
def test_kappa_by_hand(pairs, expected):
    assert quadratic_kappa(pairs) == pytest.approx(expected)


def test_kappa_plus_punishes_a_wrong_absence():
    assert kappa_plus([(0.0, 0.0), (1.0, 1.0), (-1.0, -1.0), (-1.0, 1.0)]) < 0.8
    assert kappa_plus([(0.0, 0.0), (1.0, 1.0), (-1.0, -1.0)]) == pytest.approx(1.0)


def test_calibration_is_the_gap_of_confidence_and_truth():
    assert calibration_error([(0.75, True), (0.75, True), (0.75, True), (0.75, False)]) == pytest.approx(0.0)
    assert calibration_error([(0.95, False)]) == pytest.approx(0.95)


def gold(call_type="qualification", **scores):
    return Gold(
        call_type,
        dict.fromkeys(CRITERIA, 1.0) | scores,
        {"greeting": (0,)},
        (GoldObjection(3, "price", 0.5, (4,)),),
        ((5, "rudeness"),),
    )


def judged(**scores):
    return Judged(
        "x",
        "qualification",
        dict.fromkeys(CRITERIA, 1.0) | scores,
        dict.fromkeys(CRITERIA, 0.9),
        {"greeting": (0, 2)},
        ((4, "price", 0.5), (9, "think", 1.0)),
        ((5, "rudeness"),),
    )


def test_figures_of_one_dialogue():
    figures = measure([(gold(greeting=0.0), judged())])
    assert figures.criteria["greeting"].full_step == 1.0
    assert figures.criteria["greeting"].evidence == 1.0
    assert figures.strict == pytest.approx(11 / 12)
    assert (figures.objections["precision"], figures.objections["recall"], figures.objections["kind"]) == (0.5, 1, 1)
    assert (figures.red_flags["precision"], figures.red_flags["recall"], figures.red_flags["turn"]) == (1, 1, 1)


def test_the_surest_come_first_on_the_curve():
    sure = judged(greeting=1.0)
    unsure = Judged(**{**sure.__dict__, "confidence": dict.fromkeys(CRITERIA, 0.2)})
    curve = dict(trust_curve([(gold(), sure), (gold(**dict.fromkeys(CRITERIA, 0.0)), unsure)]))
    assert (curve[0.5], curve[1.0]) == (1.0, 0.5)


def test_a_draft_is_written_in_the_form_of_the_labels():
    line = judged(greeting=0.5, farewell=-1.0).line()
    assert (line["scores"]["greeting"], line["scores"]["farewell"], line["scores"]["listening"]) == (0.5, "na", 1)
    assert set(line) == {"id", "call_type", "scores", "evidence", "objections", "red_flags", "confidence"}


def test_the_corruptor_is_seeded_bare_and_lower_case():
    call = dialogue_of([("seller", "Здравствуйте, Анна! Когда вам удобно: завтра или в среду?")] * 30)
    once, again, other = (corrupt(call, random.Random(s)) for s in (1, 1, 2))
    assert once == again
    assert once != other
    text = " ".join(u.text for u in once.utterances)
    assert text == text.lower()
    assert not set(text) & set("!?,:")


def test_a_heard_dialogue_has_the_author_of_its_original():
    assert author_of("train-d-001-heard", "heard-train") == author_of("train-d-001", "train-d") == "train-d"


def test_a_line_that_is_no_dialogue_is_named(tmp_path: Path):
    path = tmp_path / "bad.jsonl"
    path.write_text('{"id": "x"}\n', "utf-8")
    with pytest.raises(NotADialogue, match=r"bad\.jsonl:1"):
        load([path])


def test_calibration_pulls_overconfidence_down():
    slope, shift = logistic([(0.9, True), (0.9, False)] * 50)
    assert slope * 2.197 + shift < 1.2
    assert logistic([(0.9, True)]) == (1.0, 0.0)


def test_what_was_not_labelled_is_not_measured():
    call = dialogue_of([("seller", "Алло")])
    example = Example("x", "a", False, call, Gold("qualification", {"greeting": 1.0}, {}, (), ()))
    [(_, kept)] = pairs_of([example, replace(example, gold=None)], [judged(greeting=0.5), judged()])
    assert kept.scores == {"greeting": 0.5}


def test_an_objection_is_written_with_the_turns_that_answer_it():
    line = replace(judged(), answers={4: (5, 6)}).line()
    assert [(o["turn"], o["answer_turns"]) for o in line["objections"]] == [(4, [5, 6]), (9, [])]
