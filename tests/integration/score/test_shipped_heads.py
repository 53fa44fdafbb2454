"""Drafts by the shipped heads: whole, repeatable, with evidence, and silent where the text is not to be trusted."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from scipy import sparse

from services.score.adapters.arrays import BrokenModel, load, pack_sparse, save, unpack_sparse
from services.score.adapters.drafter import load_drafter
from services.score.adapters.forest import fit_forest, unpack_forest
from services.score.adapters.linear import fit_linear, unpack_linear
from services.score.domain.criteria import CRITERIA
from services.score.domain.dialogue import Dialogue, Word, dialogue_of
from services.score.domain.draft import AskedItem, CallType, Verdict

ITEMS = tuple(AskedItem(code) for code in CRITERIA)
CALL = dialogue_of(
    [
        ("seller", "Добрый день, Ольга Сергеевна! Меня зовут Павел, компания «Тёплый дом». Вам удобно говорить?"),
        ("client", "Да, здравствуйте, слушаю."),
        ("seller", "Вы оставляли заявку на котёл. Какая площадь дома и чем сейчас отапливаете?"),
        ("client", "Сто двадцать метров, дровами. Надоело."),
        ("seller", "Тогда вам подойдёт газовый: он сам держит температуру, и ночью вставать к печке не придётся."),
        ("client", "А сколько он стоит?"),
        ("seller", "С установкой сто сорок тысяч рублей."),
        ("client", "Ой, это для нас дорого, столько мы не рассчитывали."),
        (
            "seller",
            "Понимаю, сумма большая. Зато есть рассрочка на год без процентов. Давайте пришлю мастера на замер?",
        ),
        ("client", "Ну, давайте."),
        (
            "seller",
            "Записал: мастер приедет завтра, в среду, в одиннадцать утра. Ольга Сергеевна, спасибо, всего доброго!",
        ),
        ("client", "До свидания."),
    ]
)


@pytest.fixture(scope="module")
def drafter():
    return load_drafter("auto")


def test_a_draft_answers_every_item_in_order(drafter):
    draft = drafter.draft(CALL, ITEMS)
    assert [c.criterion for c in draft.criteria] == list(CRITERIA)
    assert sum(draft.call_type_probabilities.values()) == pytest.approx(Decimal(1), abs=Decimal("0.03"))


def test_drafts_are_repeatable_alone_and_together(drafter):
    alone = drafter.draft(CALL, ITEMS)
    assert drafter.draft(CALL, ITEMS) == alone
    assert drafter.draft_many([CALL, CALL], ITEMS) == [alone, alone]


@pytest.mark.parametrize("speaker", ["seller", "client", "unknown"])
def test_a_call_in_which_only_one_side_spoke_is_drafted_by_the_rules(drafter, speaker):
    alone, together = drafter.draft_many([dialogue_of([(speaker, "Здравствуйте, это компания «Свет».")]), CALL], ITEMS)
    assert (alone.models, len(alone.criteria)) == (("rules@1",), len(ITEMS))
    assert together == drafter.draft(CALL, ITEMS)


def test_what_is_scored_is_shown(drafter):
    draft = drafter.draft(CALL, ITEMS, CallType.QUALIFICATION)
    shown = {c.criterion: [e.turn for e in c.evidence] for c in draft.criteria}
    scores = {c.criterion: c.score for c in draft.criteria}
    assert (scores["greeting"], scores["farewell"], scores["next_step"]) == (Decimal(1), Decimal(1), Decimal(1))
    assert 0 in shown["greeting"]
    assert 10 in shown["next_step"]
    assert [(o.turn, o.kind.value) for o in draft.objections] == [(7, "price")]
    assert 8 in draft.objections[0].answer_turns


def test_untrusted_text_makes_cannot_tell_and_no_failure(drafter):
    doubtful = replace(CALL, utterances=tuple(replace(u, trusted=False) for u in CALL.utterances))
    draft = drafter.draft(doubtful, (AskedItem("greeting"), AskedItem("farewell")), CallType.QUALIFICATION)
    assert [c.verdict for c in draft.criteria] == [Verdict.CANNOT_TELL] * 2
    assert [c.score for c in draft.criteria] == [None, None]


def test_a_persons_type_wins_and_spam_is_not_scored(drafter):
    draft = drafter.draft(CALL, (AskedItem("greeting"),), CallType.SPAM)
    assert (draft.call_type, draft.criteria[0].verdict) == (CallType.SPAM, Verdict.NOT_APPLICABLE)


def test_a_silent_dialogue_has_a_draft(drafter):
    assert drafter.draft(Dialogue(utterances=()), ITEMS).objections == ()


@pytest.mark.parametrize(
    ("examples", "expected"),
    [
        (("Есть рассрочка на год без процентов", "Можно в рассрочку без переплаты", "Оформим рассрочку"), 1),
        (("Приглашаем вас на тест-драйв", "Хотите прокатиться на машине", "Запишу на пробную поездку"), 0),
    ],
)
def test_an_own_item_works_from_its_phrases(drafter, examples, expected):
    item = drafter.draft(CALL, (AskedItem("own", examples),), CallType.QUALIFICATION).criteria[0]
    assert (item.verdict, item.score) == (Verdict.SCORED, Decimal(expected))
    assert [e.turn for e in item.evidence] == ([8] if expected else [])


def test_an_item_without_phrases_is_for_a_person(drafter):
    assert drafter.draft(CALL, (AskedItem("own"),), CallType.QUALIFICATION).criteria[0].verdict is Verdict.FOR_PERSON


def test_a_forest_survives_packing():
    rng = np.random.default_rng(3)
    rows = rng.random((80, 5)).astype(np.float32)
    labels = (rows[:, 0] > 0.5) + (rows[:, 1] > 0.7)
    forest = fit_forest(rows, labels, trees=20, features=0.8)
    again = unpack_forest("f", forest.pack("f"))
    assert np.allclose(forest.probabilities(rows), again.probabilities(rows), atol=0.01)
    assert (forest.probabilities(rows).argmax(axis=1) == labels).mean() > 0.95


@pytest.mark.parametrize("limits", [(0.3, 0.6), (0.5,), ()])
def test_a_linear_head_survives_packing_and_tells_its_classes_apart_however_many_there_are(limits):
    rows = np.random.default_rng(5).random((90, 4)).astype(np.float32)
    labels = sum((rows[:, 0] > limit).astype(int) for limit in limits) + np.zeros(90, int)
    head = fit_linear(rows, labels, strength=10.0)
    again = unpack_linear("l", head.pack("l"))
    assert np.array_equal(head.probabilities(rows), again.probabilities(rows))
    assert (head.probabilities(rows).argmax(axis=1) == labels).mean() > 0.9


def test_a_sparse_matrix_survives_packing():
    dense = sparse.random(20, 300, density=0.1, random_state=1, dtype=np.float32).toarray()
    dense[3] = 0
    matrix = sparse.csr_matrix(dense)
    again = unpack_sparse("m", pack_sparse("m", matrix))
    assert np.abs((again - matrix).toarray()).max() <= 1 / 255
    assert again.shape == matrix.shape


def test_a_changed_model_file_is_refused(tmp_path):
    save(tmp_path, {"format": np.array([1])}, {"version": "x"})
    assert load(tmp_path)[1]["version"] == "x"
    (tmp_path / "heads.npz").write_bytes(b"other")
    with pytest.raises(BrokenModel):
        load(tmp_path)


def test_handling_does_not_apply_when_the_list_of_objections_is_empty(drafter):
    calm = replace(CALL, utterances=tuple(u for u in CALL.utterances if u.index not in (7, 8)))
    draft = drafter.draft(calm, (AskedItem("objection_handling"),), CallType.QUALIFICATION)
    assert (draft.objections, draft.criteria[0].verdict) == ((), Verdict.NOT_APPLICABLE)


def test_words_show_the_sentence_when_the_transcript_has_them(drafter):
    words = tuple(Word(w, 100 * i, 100 * i + 90) for i, w in enumerate(CALL.utterances[10].text.split()))
    timed = tuple(replace(u, words=words) if u.index == 10 else u for u in CALL.utterances)
    item = drafter.draft(replace(CALL, utterances=timed), (AskedItem("farewell"),), CallType.QUALIFICATION).criteria[0]
    place = next(e for e in item.evidence if e.turn == 10)
    assert (place.word_from, place.word_to) == (9, len(words))
    assert (place.start_ms, place.end_ms) == (900, 100 * len(words) - 10)
