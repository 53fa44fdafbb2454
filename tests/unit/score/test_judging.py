"""What an opinion may do: nothing without the seller's own words; half a step where the draft was unsure."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.score.adapters.scorecard_files import ready_scorecard
from services.score.domain.dialogue import Dialogue, Speaker, Utterance
from services.score.domain.draft import CallType, CriterionDraft, Draft, EvidenceSpan, Reason, Verdict
from services.score.domain.judging import Opinion, Quote, shown, weigh
from services.score.domain.scored_call import scored_call

CARD = ready_scorecard()
ENOUGH = Decimal(100)
HEARD = Dialogue(
    (
        Utterance(0, Speaker.SELLER, 0, 900, "Добрый день, компания «Тёплый дом»"),
        Utterance(1, Speaker.CLIENT, 1000, 1900, "Добрый день, это дорого"),
        Utterance(2, Speaker.SELLER, 2000, 2900, "Приедем в четверг в одиннадцать", trusted=False),
        Utterance(3, Speaker.SELLER, 3000, 3900, "Карта 4276 3800 1234 5678, всего доброго"),
    )
)
CODES = ("greeting", "client_name", "initiative", "closing_push", "next_step", "farewell", "objection_handling")


def item(code: str, score: str | None, confidence: str = "0.4") -> CriterionDraft:
    verdict = Verdict.SCORED if score is not None else Verdict.NOT_APPLICABLE
    value = Decimal(score) if score is not None else None
    return CriterionDraft(code, verdict, value, Decimal(confidence), (EvidenceSpan(1, 1, 2),), Reason("а", "a"))


def draft(*items: CriterionDraft) -> Draft:
    return Draft(CallType.OBJECTION, {CallType.OBJECTION: Decimal(1)}, items, (), (), ())


def opinion(code: str, score: str | None, *quotes: tuple[int, str]) -> Opinion:
    value = None if score is None else Decimal(score)
    return Opinion(code, value, tuple(Quote(turn, words) for turn, words in quotes))


GOOD = (0, "компания тёплый дом")


def outcome(made: Draft, said: Opinion, budget: Decimal = ENOUGH) -> tuple[int, int, int, int]:
    weighed = weigh(made, [said], HEARD, CARD, budget)
    return weighed.agreed, weighed.refused, weighed.doubted, weighed.moved


@pytest.mark.parametrize(
    "quotes",
    [
        [],
        [(1, "Добрый день")],  # the client's words
        [(2, "Приедем в четверг")],  # a stretch that is not to be believed
        [(7, "компания тёплый дом")],  # no such turn
        [(0, "компания холодный дом")],  # not what was said
        [(0, "дом")],  # one word is no proof
        [(0, "омпания тёплый до")],  # half words
        [GOOD, (0, "и ещё кое-что")],  # one of the two stands
    ],
)
def test_an_opinion_without_proof_is_refused(quotes: list[tuple[int, str]]) -> None:
    assert outcome(draft(item("greeting", "0.5")), opinion("greeting", "1", *quotes)) == (0, 1, 0, 0)


def test_an_unsure_score_moves_half_a_step_towards_the_opinion() -> None:
    weighed = weigh(draft(item("greeting", "0")), [opinion("greeting", "1", GOOD)], HEARD, CARD, ENOUGH)
    (moved,) = weighed.draft.criteria
    assert (moved.score, moved.confidence, weighed.moved) == (Decimal("0.5"), Decimal("0.3000"), 1)
    assert [(span.turn, span.start_ms, span.end_ms) for span in moved.evidence] == [(0, 0, 900)]


def test_a_sure_score_stays_and_is_doubted() -> None:
    weighed = weigh(draft(item("greeting", "0", "0.8")), [opinion("greeting", "1", GOOD)], HEARD, CARD, ENOUGH)
    (doubted,) = weighed.draft.criteria
    assert (doubted.score, doubted.confidence, weighed.doubted) == (Decimal(0), Decimal("0.4000"), 1)
    near = weigh(draft(item("greeting", "0.5", "0.8")), [opinion("greeting", "1", GOOD)], HEARD, CARD, ENOUGH)
    assert near.draft.criteria[0].confidence == Decimal("0.6000")


def test_whether_an_item_applies_is_not_the_judges_to_say() -> None:
    assert outcome(draft(item("greeting", "1")), opinion("greeting", None, GOOD)) == (0, 0, 1, 0)
    assert outcome(draft(item("greeting", None)), opinion("greeting", "1", GOOD)) == (0, 0, 0, 0)


def test_agreement_changes_nothing_and_needs_no_proof() -> None:
    made = draft(item("greeting", "1"))
    weighed = weigh(made, [opinion("greeting", "1")], HEARD, CARD, ENOUGH)
    assert (weighed.draft, weighed.agreed) == (made, 1)


def test_an_item_that_was_not_drafted_is_of_no_account() -> None:
    assert outcome(draft(item("greeting", "1")), opinion("charm", "1", GOOD)) == (0, 0, 0, 0)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(["0", "0.5", "1"]), min_size=len(CODES), max_size=len(CODES)),
    st.lists(st.sampled_from(["0", "0.5", "1", None]), min_size=len(CODES), max_size=len(CODES)),
    st.sampled_from([Decimal(0), Decimal(4), Decimal(10)]),
)
def test_all_moves_together_stay_within_the_budget(
    scores: list[str], opinions: list[str | None], budget: Decimal
) -> None:
    made = draft(*(item(code, score) for code, score in zip(CODES, scores, strict=True)))
    said = [opinion(code, score, GOOD) for code, score in zip(CODES, opinions, strict=True)]
    weighed = weigh(made, said, HEARD, CARD, budget)
    before, after = (scored_call(some, CARD, HEARD, "good").cqr.percent for some in (made, weighed.draft))
    assert before is not None
    assert after is not None
    assert abs(after - before) <= budget
    pairs = zip(weighed.draft.criteria, made.criteria, strict=True)
    steps = [abs(now.score - was.score) for now, was in pairs if now.score is not None and was.score is not None]
    assert all(step <= Decimal("0.5") for step in steps)


def test_a_card_number_is_hidden_and_a_price_is_not() -> None:
    assert shown("Карта 4276 3800 1234 5678, всего доброго") == "Карта ••• , всего доброго"
    assert shown("Звоните +7 912 345-45-12") == "Звоните +•••"
    assert shown("Стоит 45 000 рублей, 3 окна") == "Стоит 45 000 рублей, 3 окна"
