"""`otzvuk evaluate-drafts`: drafts against labels, every figure beside two baselines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from services.score.ports import Drafter
    from services.score.training.dataset import Example
    from services.score.training.fit import Effort
    from services.score.training.judged import Judged
    from services.score.training.measure import Pair

    Drafts = tuple[list[Judged], list[Judged] | None]  # of the dialogues, and of the corrupted ones when asked for
    Beside = dict[str, list[Judged]]  # what stands in the tables beside the drafts, by name

_FILES = click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
_MODEL_HELP = (
    "`auto` (the heads in use), `heads` (those shipped), `rules`, a folder of heads, a sentence-transformers folder "
    "(heads are learnt with it first, once), or `judge:URL#model`."
)


@click.command(name="evaluate-drafts")
@_FILES
@click.option("--json", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write the drafts, a line each.")
@click.option("--model", default="auto", show_default=True, help=_MODEL_HELP)
@click.option("--by-author", is_flag=True, help="Learn anew without each author of FILES, and draft his dialogues.")
@click.option(
    "--together",
    default=1,
    show_default=True,
    type=click.IntRange(min=1),
    help="With --by-author: authors left out at a time.",
)
@click.option("--trees", default=120, show_default=True, type=click.IntRange(min=1), help="Learning: trees a forest.")
@click.option("--corrupt", "seed", type=int, help="Also draft the texts lower-cased, bare and with 10 % word errors.")
@click.option("--curve", is_flag=True, help="Print the whole curve of selective trust.")
@click.option(
    "--rounds",
    default=200,
    show_default=True,
    type=click.IntRange(min=0),
    help="Rounds of the bootstrap; 0 prints no intervals.",
)
def evaluate_drafts(
    files: tuple[Path, ...],
    out: Path | None,
    model: str,
    by_author: bool,
    together: int,
    trees: int,
    seed: int | None,
    curve: bool,
    rounds: int,
) -> None:
    """Draft the dialogues of FILES (one JSON object a line; labels in `gold`) and print every figure beside baselines.

    Dialogues without labels are drafted too (--json), and left out of the figures.
    """
    from services.score.training.evaluation import pairs_of
    from services.score.training.fit import Effort
    from services.score.training.opening import open_examples

    if out is not None and not out.parent.is_dir():
        raise click.ClickException(f"there is no folder {out.parent} to write {out.name} into")
    examples = open_examples(files)
    effort = Effort(trees=trees)
    if by_author:
        judged, broken = _by_author(examples, model, effort, seed, together)
    else:
        judged, broken = _by_model(examples, model, effort, seed)
    unjudged = _without_judge(examples) if model.startswith("judge:") and not by_author else None
    if out is not None:
        _write(out, judged)
    bare = sum(e.gold is None for e in examples)
    if bare:
        click.echo(f"{bare} of {len(examples)} dialogues carry no labels: nothing to measure these against.")
    if bare == len(examples):
        return
    known = [i for i, e in enumerate(examples) if e.gold is not None]
    beside = {"no judge": [unjudged[i] for i in known]} if unjudged else {}
    _print([examples[i] for i in known], [judged[i] for i in known], beside, curve=curve, rounds=rounds)
    if broken is not None:
        click.echo(_fall("corrupted", pairs_of(examples, judged), pairs_of(examples, broken)))


def _by_model(examples: Sequence[Example], model: str, effort: Effort, seed: int | None) -> Drafts:
    from services.score.settings import Settings
    from services.score.training.evaluation import corrupted, drafted
    from services.score.training.opening import card_of, model_folder, open_drafter
    from services.score.training.progress import progress
    from services.score.training.split import has_read

    named = model_folder(model, effort, Settings.load())
    judge: Counter[str] = Counter()
    drafter, card = open_drafter(named, lambda outcome: judge.update([outcome])), card_of(named)
    known = sorted({e.author for e in examples if has_read(card, e)})
    if known:
        click.echo(f"Careful: these heads have read {', '.join(known)}; figures on them flatter. Use --by-author.")
    with progress("drafting") as begin:
        told = begin(len(examples) * (1 if seed is None else 2))
        judged, milliseconds = _timed(drafter, examples, told)
        broken = None if seed is None else drafted(drafter, corrupted(examples, seed), told)
    click.echo(f"{milliseconds:.1f} ms a dialogue ({len(examples)} dialogues, one process).")
    if judge:
        click.echo("The judge: " + ", ".join(f"{outcome} {count}" for outcome, count in judge.most_common()) + ".")
    return judged, broken


def _without_judge(examples: Sequence[Example]) -> list[Judged]:
    """The same dialogues by the same heads alone, to see what the judge changed."""
    from services.score.training.evaluation import drafted
    from services.score.training.opening import open_drafter

    return drafted(open_drafter("auto"), examples)


def _by_author(examples: Sequence[Example], model: str, effort: Effort, seed: int | None, together: int) -> Drafts:
    from services.score.adapters.arrays import BrokenModel
    from services.score.settings import Settings
    from services.score.training import evaluation
    from services.score.training.opening import open_drafter, vectors_folder
    from services.score.training.progress import progress

    encoder = None if model in ("auto", "heads") else Path(model)
    if encoder is not None and not encoder.is_dir():
        raise click.ClickException("--by-author learns anew: --model can only be a sentence-transformers folder")
    with progress("leaving authors out") as begin:
        told = begin(evaluation.steps_by_author(examples, encoder, together))
        try:
            drafts = evaluation.by_author(
                examples,
                effort,
                corrupt_seed=seed,
                encoder_folder=encoder,
                vectors=vectors_folder(Settings.load()),
                together=together,
                told=told,
            )
        except (ValueError, BrokenModel) as error:
            raise click.ClickException(str(error)) from error
    some = examples[:: max(1, len(examples) // 50)]
    _, milliseconds = _timed(open_drafter("heads"), some)
    click.echo(f"{milliseconds:.1f} ms a dialogue (the shipped heads, {len(some)} of these dialogues, one process).")
    return drafts


def _timed(
    drafter: Drafter, examples: Sequence[Example], told: Callable[[int], None] = lambda _: None
) -> tuple[list[Judged], float]:
    """The drafts, and how many milliseconds one took."""
    from services.score.training.evaluation import drafted

    start = perf_counter()
    judged = drafted(drafter, examples, told)
    return judged, (perf_counter() - start) * 1000 / max(1, len(examples))


def _print(examples: Sequence[Example], judged: Sequence[Judged], beside: Beside, *, curve: bool, rounds: int) -> None:
    from rich.console import Console

    from services.score.training.evaluation import commonest_label, pairs_of, rules_only
    from services.score.training.report import curve_table, tables

    console = Console(width=150)
    console.print("The shipped dialogues were written for this purpose; none of them is a real call.")
    baselines = {"commonest": commonest_label(examples), "rules": rules_only(examples), **beside}
    for title, heard in (("written", False), ("heard", True)):
        places = [i for i, e in enumerate(examples) if e.heard is heard]

        def of(drafts: Sequence[Judged], places: Sequence[int] = places) -> list[Pair]:
            return pairs_of([examples[i] for i in places], [drafts[i] for i in places])

        if places:
            others = {name: of(drafts) for name, drafts in baselines.items()}
            for table in tables(title, of(judged), others, seed=1, rounds=rounds):
                console.print(table)
    twins = _twins(examples)
    if twins:
        sides = [([examples[i] for i in side], [judged[i] for i in side]) for side in zip(*twins, strict=True)]
        console.print(_fall("heard against their originals", *(pairs_of(*side) for side in sides)))
    if curve:
        console.print(curve_table(pairs_of(examples, judged)))


def _twins(examples: Sequence[Example]) -> list[tuple[int, int]]:
    """Places of written dialogues and of the same ones heard."""
    place = {e.id: i for i, e in enumerate(examples)}
    return [(place[e.stem], i) for i, e in enumerate(examples) if e.heard and e.stem in place and e.stem != e.id]


def _fall(what: str, before: Sequence[Pair], after: Sequence[Pair]) -> str:
    from services.score.training.measure import measure

    first, second = measure(before), measure(after)
    return (
        f"{what}: kappa {first.kappa:.3f} → {second.kappa:.3f} ({second.kappa - first.kappa:+.3f}), "
        f"kappa+ {first.kappa_plus:.3f} → {second.kappa_plus:.3f}, strict {first.strict:.3f} → {second.strict:.3f}"
    )


def _write(out: Path, judged: Sequence[Judged]) -> None:
    lines = [json.dumps(j.line(), ensure_ascii=False) for j in judged]
    try:
        out.write_text("\n".join(lines) + "\n", "utf-8")
    except OSError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{len(lines)} drafts written to {out}.")
