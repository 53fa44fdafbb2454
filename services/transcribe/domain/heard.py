"""Labels of a written dialogue moved to the turns of the same call as heard: drafts learn from recognised speech.

Words are aligned speaker by speaker; a written turn stands where most of its words were heard.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from services.transcribe.domain.transcript import Dialogue, Speaker, Utterance
from services.transcribe.domain.word_errors import align, comparable

NAMES = {Speaker.SELLER: "agent", Speaker.CLIENT: "client"}


def as_heard(labelled: Mapping[str, Any], dialogue: Dialogue) -> dict[str, Any] | None:
    """The labelled dialogue with the heard turns; None when the speakers were not told apart."""
    turns = [turn for turn in dialogue.utterances if turn.speaker in NAMES]
    if len({turn.speaker for turn in turns}) < 2:
        return None
    moved = move_turns(labelled["turns"], turns)
    return {
        **labelled,
        "id": f"{labelled['id']}-heard",
        "turns": [_turn(turn) for turn in turns],
        "spoken": " ".join(str(turn["text"]) for turn in labelled["turns"]),
        "gold": _gold(labelled["gold"], moved),
    }


def move_turns(written: Sequence[Mapping[str, Any]], heard: Sequence[Utterance]) -> tuple[int | None, ...]:
    """For each written turn the index of the heard turn where it stands; None when its speaker was never heard."""
    moved: list[int | None] = [None] * len(written)
    for speaker, name in NAMES.items():
        said = [(index, word) for index, turn in enumerate(written) if turn["speaker"] == name
                for word in comparable(str(turn["text"]))]  # fmt: skip
        got = [(index, word) for index, turn in enumerate(heard) if turn.speaker is speaker
               for word in comparable(turn.text)]  # fmt: skip
        votes: dict[int, Counter[int]] = {}
        for i, j in align([word for _, word in said], [word for _, word in got]):
            votes.setdefault(said[i][0], Counter())[got[j][0]] += 1
        for index in (index for index, turn in enumerate(written) if turn["speaker"] == name):
            moved[index] = _place(index, votes, [index for index, turn in enumerate(heard) if turn.speaker is speaker])
    return tuple(moved)


def _place(index: int, votes: Mapping[int, Counter[int]], own: Sequence[int]) -> int | None:
    """Where most words went; a turn of which nothing was heard stands where the turn before it ends."""
    if index in votes:
        return votes[index].most_common(1)[0][0]
    before = [max(counter) for turn, counter in votes.items() if turn < index]
    return max(before) if before else (own[0] if own else None)


def _turn(turn: Utterance) -> dict[str, Any]:
    return {
        "speaker": NAMES[turn.speaker],
        "start": round(turn.start_ms / 1000, 2),
        "end": round(turn.end_ms / 1000, 2),
        "text": turn.text,
        "confidence": turn.confidence,
    }


def _gold(gold: Mapping[str, Any], moved: Sequence[int | None]) -> dict[str, Any]:
    """The labels with every index of a turn moved; what was labelled twice in one heard turn stays apart."""
    result = dict(gold)
    if "evidence" in gold:
        result["evidence"] = {criterion: _moved(turns, moved) for criterion, turns in gold["evidence"].items()}
    for name in ("objections", "red_flags"):
        if name in gold:
            result[name] = [_marked(mark, moved) for mark in gold[name] if _index(mark["turn"], moved) is not None]
    return result


def _marked(mark: Mapping[str, Any], moved: Sequence[int | None]) -> dict[str, Any]:
    made = {**mark, "turn": _index(mark["turn"], moved)}
    if "answer_turns" in mark:
        made["answer_turns"] = _moved(mark["answer_turns"], moved)
    return made


def _moved(turns: Sequence[int], moved: Sequence[int | None]) -> list[int]:
    places = [_index(turn, moved) for turn in turns]
    return sorted({place for place in places if place is not None})


def _index(turn: int, moved: Sequence[int | None]) -> int | None:
    return moved[turn] if 0 <= turn < len(moved) else None
