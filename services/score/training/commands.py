"""Commands of learning: `otzvuk evaluate-drafts` measures drafts, `otzvuk train` makes new heads and tries them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from services.score.training.dataset import Example
    from services.score.training.judged import Judged

_FILES = click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.command(name="evaluate-drafts")
@_FILES
@click.option("--json", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write the drafts, a line each.")
@click.option("--model", default="auto", show_default=True, help="`auto`, `rules`, a folder, `judge:URL#model`.")
@click.option("--by-author", is_flag=True, help="Learn anew without each author of FILES, and draft his dialogues.")
@click.option("--together", default=1, show_default=True, help="With --by-author: authors left out at a time.")
@click.option("--trees", default=120, show_default=True, help="With --by-author: trees a forest.")
@click.option("--corrupt", "seed", type=int, help="Also draft the texts lower-cased, bare and with 10 % word errors.")
@click.option("--curve", is_flag=True, help="Print the whole curve of selective trust.")
@click.option("--rounds", default=200, show_default=True, help="Rounds of the bootstrap; 0 prints no intervals.")
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

    Without labels the drafts are only written (--json).
    """
    from services.score.training.evaluation import corrupted, drafted, pairs_of
    from services.score.training.fit import Effort

    examples = _load(files)
    labelled = all(e.gold is not None for e in examples)
    broken: list[Judged] | None = None
    if by_author:
        from services.score.training import evaluation

        folder = Path(model) if model not in ("auto", "heads", "rules") else None
        try:
            judged, broken = evaluation.by_author(
                examples, Effort(trees=trees), corrupt_seed=seed, encoder_folder=folder, together=together, told=_told
            )
        except ValueError as error:
            raise click.ClickException(str(error)) from error
    else:
        drafter = _drafter(model)
        _warn_of_known_authors(model, examples)
        judged, milliseconds = _timed(lambda: drafted(drafter, examples))
        click.echo(
            f"{milliseconds / max(1, len(examples)):.1f} ms a dialogue ({len(examples)} dialogues, one process)."
        )
        if seed is not None and labelled:
            broken = drafted(drafter, corrupted(examples, seed))
    if out is not None:
        _write(out, judged)
    if not labelled:
        click.echo("Some dialogues carry no labels: nothing to measure against.")
        return
    _print(examples, judged, curve=curve, rounds=rounds)
    if broken is not None:
        click.echo(_fall("corrupted", pairs_of(examples, judged), pairs_of(examples, broken)))


def _print(examples: Sequence[Example], judged: Sequence[Judged], *, curve: bool, rounds: int) -> None:
    from rich.console import Console

    from services.score.training.evaluation import commonest_label, pairs_of, rules_only
    from services.score.training.report import curve_table, tables

    console = Console(width=150)
    console.print("None of the shipped dialogues is a real call: they were written for this purpose.")
    baselines = {"commonest": commonest_label(examples), "rules": rules_only(examples)}
    for title, keep in (("written", [not e.heard for e in examples]), ("heard", [e.heard for e in examples])):
        part = [e for e, k in zip(examples, keep, strict=True) if k]
        if not part:
            continue

        def of(drafts: Sequence[Judged], keep: Sequence[bool] = keep, part: Sequence[Example] = part) -> list[object]:
            return list(pairs_of(part, [j for j, k in zip(drafts, keep, strict=True) if k]))

        for table in tables(title, of(judged), {n: of(b) for n, b in baselines.items()}, seed=1, rounds=rounds):  # type: ignore[arg-type,misc]
            console.print(table)
    twins = _twins(examples)
    if twins:
        written, heard = [w for w, _ in twins], [h for _, h in twins]
        console.print(
            _fall(
                "heard against their originals",
                pairs_of([examples[i] for i in written], [judged[i] for i in written]),
                pairs_of([examples[i] for i in heard], [judged[i] for i in heard]),
            )
        )
    if curve:
        console.print(curve_table(pairs_of(examples, judged)))


def _twins(examples: Sequence[Example]) -> list[tuple[int, int]]:
    """Places of written dialogues and of the same ones heard."""
    place = {e.id: i for i, e in enumerate(examples)}
    return [(place[w], i) for i, e in enumerate(examples) if e.heard and (w := e.id.removesuffix("-heard")) in place]


def _fall(what: str, before: Sequence[object], after: Sequence[object]) -> str:
    from services.score.training.measure import measure

    first, second = measure(before), measure(after)  # type: ignore[arg-type]
    return (
        f"{what}: kappa {first.kappa:.3f} → {second.kappa:.3f} ({second.kappa - first.kappa:+.3f}), "
        f"kappa+ {first.kappa_plus:.3f} → {second.kappa_plus:.3f}, strict {first.strict:.3f} → {second.strict:.3f}"
    )


@click.command()
@_FILES
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder of versions.")
@click.option("--model", type=click.Path(exists=True, file_okay=False, path_type=Path), help="An encoder's folder.")
@click.option("--against", default="auto", show_default=True, help="The heads in use now.")
@click.option("--newest", default=0.2, show_default=True, help="Share of lines, the last ones, kept for the trial.")
@click.option("--together", default=3, show_default=True, help="Authors left out at a time when dials are chosen.")
@click.option("--trees", default=120, show_default=True, help="Trees a forest.")
def train(
    files: tuple[Path, ...], out: Path, model: Path | None, against: str, newest: float, together: int, trees: int
) -> None:
    """Learn heads from labelled dialogues (FILES in order of time; `otzvuk lessons` writes confirmed evaluations).

    New heads are tried on the newest lines, which neither they nor the old ones have learnt from, and `OUT/current`
    moves to them only if they are better there. Every version is kept.
    """
    from services.score.training.fit import Effort
    from services.score.training.trial import Trial, try_heads

    trial = Trial(Effort(trees=trees), model, newest, together)
    outcome = try_heads(_load(files), out, _drafter(against), trial, told=_told)
    for line in outcome.lines:
        click.echo(line)


def _load(files: Sequence[Path]) -> list[Example]:
    from services.score.training.dataset import NotADialogue, load

    try:
        return load(files)
    except (NotADialogue, OSError) as error:
        raise click.ClickException(str(error)) from error


def _drafter(model: str):  # type: ignore[no-untyped-def]
    from services.score.adapters.arrays import BrokenModel
    from services.score.adapters.drafter import load_drafter
    from services.score.adapters.judge import judge_of
    from services.score.adapters.judged_drafter import JudgedDrafter
    from services.score.adapters.scorecard_files import ready_scorecard

    try:
        if model.startswith("judge:"):
            return JudgedDrafter(load_drafter(), judge_of(model.removeprefix("judge:")), ready_scorecard())
        return load_drafter(model)
    except BrokenModel as error:
        raise click.ClickException(str(error)) from error


def _warn_of_known_authors(model: str, examples: Sequence[Example]) -> None:
    from services.score.adapters.drafter import SHIPPED

    folder = SHIPPED if model in ("auto", "heads") or model.startswith("judge:") else Path(model)
    try:
        card: Mapping[str, dict[str, list[str]]] = json.loads((folder / "card.json").read_text("utf-8"))
    except (OSError, ValueError):
        return
    known = sorted({e.author for e in examples} & set(card.get("data", {}).get("authors", [])))
    if known:
        click.echo(f"Careful: these heads have read {', '.join(known)}; figures on them flatter. Use --by-author.")


def _timed(work: Callable[[], list[Judged]]) -> tuple[list[Judged], float]:
    from time import perf_counter

    start = perf_counter()
    done = work()
    return done, (perf_counter() - start) * 1000


def _told(author: str) -> None:
    click.echo(f"… {author} drafted by heads that never saw it", err=True)


def _write(out: Path, judged: Sequence[Judged]) -> None:
    lines = [json.dumps(j.line(), ensure_ascii=False) for j in judged]
    out.write_text("\n".join(lines) + "\n", "utf-8")
    click.echo(f"{len(lines)} drafts written to {out}.")
