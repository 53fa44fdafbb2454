"""The scorecard as data: the ready cards, versions by content, faults and warnings with their places."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from services.runtime.errors import TransientError
from services.score.adapters.scorecard_files import (
    READY_FOLDER,
    ScorecardFault,
    ScorecardShelf,
    check_text,
    parse_scorecard,
    ready_scorecard,
)
from services.score.domain.dialogue import DepartmentKind
from services.score.domain.draft import CallType
from services.score.domain.scorecard import BadScore, Scale

# domain.md §3: qualification, objection, transactional, reanimation
TABLE = {
    "greeting": (1, 1, 1, 1),
    "client_name": (1, 1, 1, 1),
    "problem_definition": (3, 2, 1, 2),
    "product_story": (2, 3, 1, 1),
    "objection_handling": (2, 4, 2, 2),
    "initiative": (2, 3, 2, 4),
    "closing_push": (2, 3, 2, 2),
    "next_step": (2, 2, 2, 2),
    "farewell": (1, 1, 1, 1),
    "listening": (1, 2, 1, 1),
    "speech_clarity": (1, 1, 1, 1),
    "politeness": (1, 1, 1, 1),
    "correct_information": (1, 1, 1, 1),
    "feedback_applied": (1, 1, 1, 1),
    "crm_card": (1, 1, 1, 1),
    "consultation_time": (1, 1, 1, 1),
}
TYPES = (CallType.QUALIFICATION, CallType.OBJECTION, CallType.TRANSACTIONAL, CallType.REANIMATION)

SMALL = """\
id: small
label: Small
blocks:
  - code: contact
    label: Contact
    criteria:
      - code: greeting
        label: {ru: Приветствие, en: Greeting}
        weights: {qualification: 1, objection: 2, transactional: 3, reanimation: 4}
        rules: {1: all, 0.5: some, 0: none}
      - code: promotion
        label: {ru: Назвал акцию, en: Names the promotion}
        judged_by: phrases
        weights: 5
        scale: 1-5
        rules: {0.5: half}
        phrases:
          examples: [a b, c d, e f, g h, i j, k l]
"""


def test_the_default_card_has_the_weights_of_the_domain() -> None:
    card = ready_scorecard()
    weights = {item.code: tuple(int(item.weight(kind)) for kind in TYPES) for item in card.criteria}
    assert weights == TABLE
    assert card.criterion("consultation_time").departments == {DepartmentKind.SALES}


@pytest.mark.parametrize("card_id", ["default", "sales", "cold_calls_b2b"])
def test_the_ready_cards_are_free_of_warnings(card_id: str) -> None:
    text = (READY_FOLDER / f"{card_id}.yaml").read_text(encoding="utf-8")
    card, findings = check_text(text, card_id)
    assert (card.id, findings) == (card_id, ())
    assert 15 <= len(card.criteria) <= 20


def test_the_card_in_the_documentation_is_sound() -> None:
    page = (Path(__file__).parents[3] / "docs" / "scorecards.md").read_text(encoding="utf-8")
    card, findings = check_text(page.split("```yaml")[1].split("```")[0])
    assert ([item.code for item in card.criteria], findings) == (["hello", "promotion"], ())
    assert card.criterion("hello").rule == "greeting"


def test_a_version_follows_the_content_and_nothing_else() -> None:
    card = parse_scorecard(SMALL)
    reordered = SMALL.replace("{qualification: 1, objection: 2,", "{objection: 2.0, qualification: 1,")
    heavier = SMALL.replace("objection: 2,", "objection: 2.5,")
    assert parse_scorecard("# a comment\n" + reordered).version == card.version
    assert parse_scorecard(heavier).version != card.version
    assert replace(card, id="other").version != card.version
    assert len(card.version) == 16


@pytest.mark.parametrize(
    ("find", "put", "line", "said"),
    [
        ("weights: 5\n", "weights: {qualification: 1}\n", 14, "no weight for objection"),
        ("scale: 1-5", "scale: 1-7", 15, "'1-7' is none of 0/1"),
        ("- code: promotion", "- code: greeting", 11, "the criterion greeting stands here twice"),
        ("judged_by: phrases", "judged_by: stars", 13, "'stars' is none of"),
        ("label: Small", "lable: Small", 1, "unknown field lable"),
        ("weights: 5\n", "weights: -1\n", 14, "a weight lies between"),
        ("weights: 5\n", "weights: .nan\n", 14, "a figure is needed"),
        ("id: small", "id: [", 2, ""),
        ("rules: {0.5: half}", "rules: {0.7: half}", 16, "rules are for 1, 0.5, 0 and na"),
    ],
)
def test_a_fault_is_told_with_its_line(find: str, put: str, line: int, said: str) -> None:
    with pytest.raises(ScorecardFault) as caught:
        parse_scorecard(SMALL.replace(find, put, 1), "mine.yaml")
    assert said in str(caught.value)
    assert abs(caught.value.line - line) <= (1 if line > 2 else 2)


@pytest.mark.parametrize("text", ["", "- a", "just words", "{", "id: x\nlabel: y\nblocks: []", "\x00"])
def test_what_is_no_scorecard_is_refused(text: str) -> None:
    with pytest.raises(ScorecardFault):
        parse_scorecard(text)


def test_a_sound_card_has_no_warnings() -> None:
    assert check_text(SMALL)[1] == ()


@pytest.mark.parametrize(
    ("find", "put", "code", "criterion", "line"),
    [
        ("ru: Назвал акцию", "ru: Не перебивает", "negative_wording", "promotion", 12),
        ("rules: {1: all, 0.5: some, 0: none}", "rules: {1: all, 0: none}", "no_half_rule", "greeting", 10),
        (", k l]", "]", "few_phrases", "promotion", 11),
    ],
)
def test_a_warning_names_item_and_line(find: str, put: str, code: str, criterion: str, line: int) -> None:
    (finding,) = check_text(SMALL.replace(find, put, 1))[1]
    assert (finding.code, finding.criterion, finding.line) == (code, criterion, line)
    assert criterion in finding.message


@pytest.mark.parametrize("label", ["Негромко говорит", "Небо обещает", "Внезапно", "Донести мысль"])
def test_a_word_that_begins_with_the_particle_is_no_particle(label: str) -> None:
    assert check_text(SMALL.replace("Назвал акцию", label, 1))[1] == ()


def test_equal_weights_are_named_by_type() -> None:
    even = SMALL.replace("{qualification: 1, objection: 2, transactional: 3, reanimation: 4}", "5")
    findings = check_text(even)[1]
    assert [finding.code for finding in findings] == ["equal_weights"] * 4
    assert [finding.message.split(":")[0] for finding in findings] == [kind.value for kind in TYPES]


def test_more_than_twenty_items_are_too_many() -> None:
    item = "      - {{code: item_{0}, label: Item {0}, weights: {1}, rules: {{0.5: half}}}}\n"
    twenty = SMALL + "".join(item.format(i, i % 3) for i in range(18))
    assert check_text(twenty)[1] == ()
    (finding,) = check_text(twenty + item.format(18, 1))[1]
    assert (finding.code, finding.criterion, finding.line) == (
        "too_many_items",
        "item_18",
        len(twenty.splitlines()) + 1,
    )


@pytest.mark.parametrize(
    ("scale", "mark", "score"),
    [
        (Scale.BINARY, "1", "1"),
        (Scale.HALVES, "0.5", "0.5"),
        (Scale.FIVE, "1", "0"),
        (Scale.FIVE, "4", "0.75"),
        (Scale.HUNDRED, "37", "0.37"),
    ],
)
def test_every_scale_becomes_nought_to_one(scale: Scale, mark: str, score: str) -> None:
    assert scale.normalise(Decimal(mark)) == Decimal(score)


@pytest.mark.parametrize(("scale", "mark"), [(Scale.BINARY, "0.5"), (Scale.FIVE, "0"), (Scale.HUNDRED, "100.5")])
def test_a_mark_that_the_scale_has_not_is_refused(scale: Scale, mark: str) -> None:
    with pytest.raises(BadScore):
        scale.normalise(Decimal(mark))


@pytest.mark.parametrize(
    ("scale", "score", "snapped"),
    [
        (Scale.BINARY, "0.5", "0"),
        (Scale.HALVES, "0.25", "0.5"),
        (Scale.HALVES, "0.75", "1"),
        (Scale.FIVE, "0.5", "0.5"),
        (Scale.FIVE, "0.6", "0.5"),
        (Scale.HUNDRED, "0.375", "0.38"),
    ],
)
def test_a_score_snaps_to_what_the_scale_can_say(scale: Scale, score: str, snapped: str) -> None:
    assert scale.snap(Decimal(score)) == Decimal(snapped)


def test_a_department_has_its_own_card(tmp_path: Path) -> None:
    shelf = ScorecardShelf(tmp_path / "cards")
    assert shelf.of_department("kc").id == "default"
    shelf.choose("sales", "op")
    shelf.choose("cold_calls_b2b", None)
    assert (shelf.of_department("op").id, shelf.of_department("kc").id) == ("sales", "cold_calls_b2b")


def test_a_changed_card_counts_from_the_next_draft_on(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    shelf = ScorecardShelf(tmp_path)
    shelf.choose("small", "kc")
    before = shelf.of_department("kc").version
    (tmp_path / "small.yaml").write_text(SMALL.replace("weights: 5\n", "weights: 22\n"), encoding="utf-8")
    assert shelf.of_department("kc").version != before


def test_a_broken_choice_is_waited_out_because_people_mend_it(tmp_path: Path) -> None:
    (tmp_path / "choice.yaml").write_text("company: gone\n", encoding="utf-8")
    with pytest.raises(TransientError):
        ScorecardShelf(tmp_path).of_department("kc")
    with pytest.raises(ScorecardFault):
        ScorecardShelf(tmp_path).choose("nowhere", "kc")
