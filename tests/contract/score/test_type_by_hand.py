"""What a controller sees when he says that the call is of another type: review counts by what score told, at once."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from schemas import codec
from services.review.domain import evaluation as review
from services.review.domain.calls import CallType as TypeInReview
from services.review.domain.drafting import draft_of
from services.score.adapters.drafter import RulesDrafter
from services.score.adapters.lexicon import load_morphology
from services.score.adapters.scorecard_files import ready_scorecard
from services.score.domain.cqr import call_quality_rate
from services.score.domain.dialogue import DepartmentKind, Dialogue, dialogue_of
from services.score.domain.draft import CallType
from services.score.domain.scored_call import ScoredCall, scores_of
from services.score.handlers.drafts import DraftingDesk, score_dialogue
from services.score.handlers.messages import call_scored
from tests.fakes.score import FakeTranscripts, OneCard

CARD = ready_scorecard()
CALL = dialogue_of(
    [
        ("seller", "Добрый день, меня зовут Ирина, компания «Тёплый дом»."),
        ("client", "Здравствуйте, я по окнам звоню, Сергей. Только это дорого, наверное."),
        ("seller", "Понимаю вас, Сергей. В цену входит монтаж. Сколько окон нужно и для какого дома?"),
        ("client", "Три окна, дом кирпичный."),
        ("seller", "Давайте пришлю замерщика в четверг в одиннадцать. Спасибо за звонок, до свидания."),
    ]
)
WRONG_NUMBER = dialogue_of(
    [
        ("seller", "Добрый день, компания «Тёплый дом», меня зовут Ирина."),
        ("client", "Ой, я, кажется, не туда попал, извините."),
        ("seller", "Ничего страшного. До свидания, спасибо за звонок."),
    ]
)


def scored(dialogue: Dialogue) -> ScoredCall:
    desk = DraftingDesk(RulesDrafter(load_morphology()), FakeTranscripts({}), OneCard(CARD))
    return score_dialogue(dialogue, CARD, "good", desk)


def told(call: ScoredCall) -> review.Draft:
    """The draft as review reads it out of the event."""
    data = call_scored(
        call,
        CARD,
        call_id="c-1",
        transcript_id="t-1",
        department=DepartmentKind.CALL_CENTER,
        now=datetime(2026, 11, 24, tzinfo=UTC),
    )
    data |= {"draft_id": "d-1", "revision": 1}
    codec.validate("call-scored", data)
    return draft_of(data)


def rate(draft: review.Draft, kind: TypeInReview) -> Decimal | None:
    """The rate when every proposal is taken over and the call is of that type."""
    decisions = [
        review.Decision(score.criterion, score.verdict, score.score, seen_draft=True)
        for score in draft.scores.values()
        if score.verdict is review.Verdict.SCORED
    ]
    return review.call_quality_rate(draft.card, kind, decisions)


@pytest.mark.parametrize("kind", list(CallType))
def test_another_type_is_counted_by_its_own_weights(kind: CallType) -> None:
    call = scored(CALL)
    draft = told(call)
    assert draft.card.knows(TypeInReview(kind.value))
    expected = call_quality_rate(CARD, kind, scores_of(call.draft.criteria), DepartmentKind.CALL_CENTER).percent
    assert rate(draft, TypeInReview(kind.value)) == expected


def test_a_call_wrongly_taken_for_spam_has_proposals_as_soon_as_it_is_none() -> None:
    call = scored(WRONG_NUMBER)
    draft = told(call)
    assert (call.draft.call_type, call.cqr.percent) == (CallType.SPAM, None)
    assert (draft.call_type, draft.cqr, rate(draft, TypeInReview.SPAM)) == (TypeInReview.SPAM, None, None)
    greeting = draft.scores["greeting"]
    assert (greeting.verdict, greeting.score) == (review.Verdict.SCORED, Decimal(1))
    assert rate(draft, TypeInReview.QUALIFICATION) is not None
