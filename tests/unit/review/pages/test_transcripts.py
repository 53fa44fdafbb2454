"""The stored dialogue as the page shows it: doubtful words apart, times of words, peaks thinned."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from services.review.web.pages.transcripts import MOST_PEAKS, Dialogue
from services.review.web.pages.view_models import Quote


def dialogue(*utterances: dict[str, Any], peaks: dict[str, Any] | None = None) -> Dialogue:
    return Dialogue({"utterances": list(utterances), "duration_ms": 9000, "quality": {}, "peaks": peaks})


def said(text: str, *probabilities: str) -> dict[str, Any]:
    words = [
        {"text": word, "start_ms": 100 * at, "end_ms": 100 * at + 90, "probability": Decimal(probability)}
        for at, (word, probability) in enumerate(zip(text.split(), probabilities, strict=True))
    ]
    return {"speaker": "client", "start_ms": 0, "end_ms": 900, "text": text, "words": words}


@pytest.mark.parametrize(
    ("utterance", "pieces"),
    [
        (said("это дорого очень", "0.9", "0.3", "0.9"), (("это ", False), ("дорого", True), (" очень", False))),
        (said("это дорого", "0.1", "0.2"), (("это", True), (" ", False), ("дорого", True))),
        (said("это дорого", "0.9", "0.9"), (("это дорого", False),)),
        ({"text": "без  слов", "words": []}, (("без слов", False),)),
        (
            {"text": "слов больше чем времён", "words": [{"start_ms": 0, "probability": Decimal("0.1")}]},
            (("слов больше чем времён", False),),
        ),
    ],
)
def test_doubtful_words_stand_apart(utterance: dict[str, Any], pieces: tuple[tuple[str, bool], ...]) -> None:
    assert dialogue(utterance).pieces(0) == pieces


def test_times_of_words_only_where_they_fit_the_text() -> None:
    broken = {"text": "три слова тут", "words": [{"start_ms": 5}]}
    assert dialogue(said("раз два", "0.9", "0.9"), broken).word_times() == [[0, 100], []]


def test_peaks_of_an_hour_are_thinned_to_what_can_be_drawn() -> None:
    peaks = {"per_second": 20, "channels": [[0] * 71_999 + [90], [7] * 72_000]}
    thinned = dialogue(peaks=peaks).peaks()
    assert thinned is not None
    assert [len(channel) for channel in thinned["channels"]] == [MOST_PEAKS, MOST_PEAKS]
    assert (max(thinned["channels"][0]), set(thinned["channels"][1])) == (90, {7})
    assert thinned["per_second"] == pytest.approx(MOST_PEAKS / 3600)


@pytest.mark.parametrize("peaks", [None, {"per_second": 20, "channels": []}])
def test_without_sound_there_are_no_peaks(peaks: dict[str, Any] | None) -> None:
    assert dialogue(peaks=peaks).peaks() is None


def test_a_quote_is_the_words_that_show_it() -> None:
    place = {"turn": 0, "start_ms": 100, "end_ms": 190, "word_from": 1, "word_to": 2}
    assert dialogue(said("раз два три", "1", "1", "1")).quote(place) == Quote(0, 100, 190, "два", 1, 2)


def test_evidence_outside_of_the_dialogue_is_no_quote() -> None:
    assert dialogue().quote({"turn": 3, "start_ms": 0, "end_ms": 1}) is None
