"""Reads the stored dialogue for the page: lines with doubtful words marked, times of words, peaks of the sound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.review.web.pages.view_models import Quote, Turn

DOUBTED_BELOW = Decimal("0.5")
MOST_PEAKS = 3000


@dataclass(frozen=True)
class Dialogue:
    """The stored transcript document as its fields are needed here."""

    document: Mapping[str, Any]

    @property
    def utterances(self) -> Sequence[Mapping[str, Any]]:
        """In order of start."""
        found: Sequence[Mapping[str, Any]] = self.document["utterances"]
        return found

    @property
    def duration_ms(self) -> int:
        """Length of the recording."""
        return int(self.document["duration_ms"])

    @property
    def quality(self) -> Mapping[str, Any]:
        """Grade and reasons."""
        found: Mapping[str, Any] = self.document["quality"]
        return found

    def pieces(self, index: int) -> tuple[tuple[str, bool], ...]:
        """The text of an utterance as (text, doubted): words the recogniser was not sure of stand apart."""
        utterance = self.utterances[index]
        doubts = [_doubted(word) for word in utterance.get("words") or ()]
        tokens = utterance["text"].split()
        if len(doubts) != len(tokens) or not any(doubts):
            return ((" ".join(tokens), False),)
        found: list[tuple[str, bool]] = []
        for token, unsure in zip(tokens, doubts, strict=True):
            doubted = unsure and any(sign.isalnum() for sign in token)  # nobody mishears a dash
            if found:
                found.append((" ", False))
            found.append((token, doubted))
        return _joined(found)

    def word_times(self) -> list[list[int]]:
        """Start of each word (ms) by utterance; empty where the source has none or they do not fit the text."""
        times = []
        for utterance in self.utterances:
            words = utterance.get("words") or ()
            fits = len(words) == len(utterance["text"].split())
            times.append([int(word["start_ms"]) for word in words] if fits else [])
        return times

    def peaks(self) -> dict[str, Any] | None:
        """Peaks of each channel, thinned so that an hour is drawn as quickly as a minute."""
        peaks = self.document.get("peaks")
        if not peaks or not peaks["channels"]:
            return None
        longest = max(len(channel) for channel in peaks["channels"])
        step = max(1, -(-longest // MOST_PEAKS))
        thinned = [[max(channel[i : i + step]) for i in range(0, len(channel), step)] for channel in peaks["channels"]]
        return {"per_second": float(Decimal(peaks["per_second"]) / step), "channels": thinned}

    def quote(self, place: Mapping[str, Any]) -> Quote | None:
        """The words of a piece of evidence; None where it points outside of the dialogue."""
        turn = place["turn"]
        if not 0 <= turn < len(self.utterances):
            return None
        tokens = self.utterances[turn]["text"].split()
        first, last = place.get("word_from"), place.get("word_to")
        said = tokens[first:last] if first is not None and last is not None and tokens[first:last] else tokens
        return Quote(turn, place["start_ms"], place["end_ms"], " ".join(said), first, last)


def turns_of(
    dialogue: Dialogue,
    objections: Mapping[int, str],
    flags: Mapping[int, str],
    uses: Mapping[int, Sequence[str]],
) -> tuple[Turn, ...]:
    """The dialogue line by line with what the draft found in each; `uses` names criteria by line."""
    return tuple(
        Turn(
            index=index,
            speaker=utterance["speaker"],
            start_ms=utterance["start_ms"],
            end_ms=utterance["end_ms"],
            pieces=dialogue.pieces(index),
            trusted=utterance.get("trusted", True),
            objection=objections.get(index),
            flag=flags.get(index),
            used_by=tuple(uses.get(index, ())),
        )
        for index, utterance in enumerate(dialogue.utterances)
    )


def _doubted(word: Mapping[str, Any]) -> bool:
    probability = word.get("probability")
    return probability is not None and Decimal(str(probability)) < DOUBTED_BELOW


def _joined(pieces: Sequence[tuple[str, bool]]) -> tuple[tuple[str, bool], ...]:
    joined: list[tuple[str, bool]] = []
    for text, doubted in pieces:
        if joined and joined[-1][1] == doubted:
            joined[-1] = (joined[-1][0] + text, doubted)
        else:
            joined.append((text, doubted))
    return tuple(joined)
