"""Drafting: with a transformer against bare encoding of the same texts, and without one in dialogues a second.

    python -m benchmarks.drafting [--rounds 3] [--dialogues 48] [--heads FOLDER]

With a transformer: one process encodes every turn of the dialogues with sentence-transformers and nothing else, then
drafts the same dialogues with heads learnt over that model; no vector is remembered from one to the other. Printed:
texts a second of both and the ratio (median over the rounds). Heads for the model are learnt once, which takes minutes.
Without one: two processes draft dialogues of 25 turns with the shipped heads, each on one core; printed one at a time,
as the service does it, and many at once, as replays and measurements do.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from services.models.embedding import DEFAULT_EMBEDDING, locate_embedding
from services.models.found import ModelNotFound
from services.runtime.children import Child
from services.score.adapters.drafter import HeadsDrafter, load_drafter
from services.score.adapters.embeddings import SentenceEncoder
from services.score.domain.dialogue import Dialogue
from services.score.settings import Settings
from services.score.training.encoder_heads import shipped_dialogues
from services.score.training.evaluation import ITEMS
from services.score.training.fit import Effort
from services.score.training.opening import model_folder

TURNS = 25
PROCESSES = 2
PIECE = 16


class Transformer:
    """Bare encoding, and drafting over the same model, in one process."""

    def __init__(self, encoder: str, heads: str) -> None:
        self._encoder = SentenceEncoder(Path(encoder))
        drafter = load_drafter(heads)
        assert isinstance(drafter, HeadsDrafter)
        self._drafter = drafter

    def encode(self, dialogues: Sequence[Dialogue]) -> float:
        """Seconds to encode every turn."""
        texts = [u.text for dialogue in dialogues for u in dialogue.utterances]
        self._encoder.forget()
        return _seconds(partial(self._encoder.raw, texts))

    def draft(self, dialogues: Sequence[Dialogue]) -> float:
        """Seconds to draft the same dialogues."""
        self._drafter.forget()
        return _seconds(partial(self._drafter.draft_many, dialogues, ITEMS))


class Plain:
    """The shipped heads in one process."""

    def __init__(self) -> None:
        drafter = load_drafter("heads")
        assert isinstance(drafter, HeadsDrafter)
        self._drafter = drafter

    def draft(self, dialogues: Sequence[Dialogue], at_once: int) -> float:
        """Drafts them, so many at once; gives back the processor seconds it took."""
        began = time.process_time()
        for start in range(0, len(dialogues), at_once):
            self._drafter.draft_many(dialogues[start : start + at_once], ITEMS)
        return time.process_time() - began


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def of_25_turns(count: int) -> list[Dialogue]:
    """Dialogues of exactly 25 turns, made of shipped ones laid end to end."""
    turns = [u for e in shipped_dialogues() if not e.heard for u in e.dialogue.utterances]
    like = shipped_dialogues()[0].dialogue
    return [
        replace(like, utterances=tuple(replace(u, index=i) for i, u in enumerate(turns[n * TURNS : (n + 1) * TURNS])))
        for n in range(count)
    ]


def with_transformer(dialogues: Sequence[Dialogue], rounds: int, heads: str | None) -> dict[str, float] | None:
    """Texts a second, bare and drafted, and their ratio; None where there is no model."""
    settings = Settings.load()
    try:
        found = locate_embedding(DEFAULT_EMBEDDING, settings.models_folder)
    except ModelNotFound as missing:
        click.echo(f"no transformer here: {missing}")
        return None
    learnt = heads or model_folder(str(found.path), Effort(), settings)
    child = Child("benchmarks.drafting:Transformer", {"encoder": str(found.path), "heads": learnt}, threads=2)
    texts = sum(len(dialogue.utterances) for dialogue in dialogues)
    pairs: list[tuple[float, float]] = []
    for turn in range(rounds + 1):
        bare, drafted = 0.0, 0.0
        for start in range(0, len(dialogues), PIECE):  # piece by piece in turns: other work on the machine hits both
            piece = dialogues[start : start + PIECE]
            bare += child.call("encode", piece, timeout_seconds=600)
            drafted += child.call("draft", piece, timeout_seconds=600)
        if turn:  # the first warms up
            pairs.append((bare, drafted))
            click.echo(f"round {turn}: bare {texts / bare:.1f}, drafted {texts / drafted:.1f} texts/s")
    child.close()
    return {
        "bare_texts_per_second": round(texts / statistics.median(bare for bare, _ in pairs), 1),
        "drafted_texts_per_second": round(texts / statistics.median(drafted for _, drafted in pairs), 1),
        "ratio": round(statistics.median(bare / drafted for bare, drafted in pairs), 3),
        "wanted": 0.7,
    }


def without_transformer(dialogues: Sequence[Dialogue], rounds: int) -> dict[str, float]:
    """Dialogues of 25 turns a second over two processes, one at a time and many at once."""
    from concurrent.futures import ThreadPoolExecutor

    children = [Child("benchmarks.drafting:Plain", {}, threads=1) for _ in range(PROCESSES)]

    def rates(at_once: int) -> tuple[float, float]:
        """By the clock, and as it would be if nothing else ran (by processor time)."""
        with ThreadPoolExecutor(PROCESSES) as pool:
            calls = [pool.submit(c.call, "draft", dialogues, at_once, timeout_seconds=600) for c in children]
            began = time.perf_counter()
            spent = sum(float(call.result()) for call in calls)
            wall = time.perf_counter() - began
        return PROCESSES * len(dialogues) / wall, PROCESSES * PROCESSES * len(dialogues) / spent

    rates(len(dialogues))
    figures: dict[str, float] = {}
    for name, at_once in (("one_at_a_time", 1), ("many_at_once", 32)):
        measured = [rates(at_once) for _ in range(rounds)]
        figures[f"{name}_per_second"] = round(statistics.median(wall for wall, _ in measured), 1)
        figures[f"{name}_per_second_of_two_free_cores"] = round(statistics.median(free for _, free in measured), 1)
    for child in children:
        child.close()
    return {**figures, "wanted": 50.0}


@click.command()
@click.option("--rounds", default=3, show_default=True)
@click.option("--dialogues", default=48, show_default=True)
@click.option("--heads", help="A folder of heads over the model, in place of those learnt from all shipped dialogues.")
def main(rounds: int, dialogues: int, heads: str | None) -> None:
    """Prints both comparisons."""
    calls = of_25_turns(dialogues)
    load = os.getloadavg()[0]
    click.echo(f"{os.cpu_count()} cores, {load:.1f} other processes want to run")
    click.echo(json.dumps({"without a transformer": without_transformer(calls, rounds)}, indent=1))
    compared = with_transformer(calls, rounds, heads)
    if compared is not None:
        click.echo(json.dumps({"with a transformer": compared}, indent=1))


if __name__ == "__main__":
    main()
