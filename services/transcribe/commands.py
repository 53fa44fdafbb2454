"""Commands for people: recognise a file by hand, and measure the word error rate of the demo's recordings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from services.transcribe.app import Listening
    from services.transcribe.domain.transcript import Dialogue

RECORDINGS = Path("demo/recordings")
NAMES = {"seller": "Продавец", "client": "Клиент", "unknown": "Голос"}


@click.command("transcribe-file")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--seller-channel", type=click.IntRange(0, 1), default=None, help="Which channel the seller speaks on.")
@click.option("--json", "as_json", is_flag=True, help="Print the document transcript.v1 instead of the dialogue.")
def transcribe_file(file: Path, seller_channel: int | None, as_json: bool) -> None:
    """Recognise one recording with the settings of this machine and print the dialogue."""
    from services.transcribe.app import listening

    with listening() as ears:
        dialogue = ears.hear(file.read_bytes(), seller_channel)
        document = ears.document(dialogue, file.stem) if dialogue and as_json else None
    if dialogue is None:
        raise click.ClickException("nobody speaks in this recording (no_speech)")
    if document is not None:
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        _print(dialogue)


def _print(dialogue: Dialogue) -> None:
    for turn in dialogue.utterances:
        doubt = "" if turn.trusted else "  (?)"
        sure = "" if turn.confidence is None else f"  [{turn.confidence:.2f}]"
        click.echo(f"{_clock(turn.start_ms)} {NAMES[turn.speaker.value]}: {turn.text}{sure}{doubt}")
    for name, speech in (("seller", dialogue.speech.seller), ("client", dialogue.speech.client)):
        if speech is not None:
            click.echo(
                f"{NAMES[name]}: {speech.talk_ms / 1000:.1f} s, {speech.words} words, "
                f"{speech.words_per_minute} a minute, "
                f"{speech.loudness_dbfs} dBFS, interruptions {speech.interruptions}, fillers {speech.fillers}"
            )
    said = ", ".join(dialogue.quality.reasons) or "nothing to remark"
    click.echo(f"Quality: {dialogue.quality.grade.value} ({said})")


def _clock(moment_ms: int) -> str:
    return f"{moment_ms // 60_000:02d}:{moment_ms % 60_000 / 1000:04.1f}"


@click.command("demo-wer")
@click.option("--folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=RECORDINGS)
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Also write the figures.")
def demo_wer(folder: Path, json_file: Path | None) -> None:
    """Word error rate of the demo's recordings (synthetic voices) against their texts, per channel and call."""
    from services.transcribe.app import listening
    from services.transcribe.domain.word_errors import NO_ERRORS

    total = {"seller": NO_ERRORS, "client": NO_ERRORS}
    rows: list[dict[str, Any]] = []
    click.echo(f"{'call':24} {'seller':>7} {'client':>7} {'both':>7} {'words':>6}")
    with listening() as ears:
        for text in sorted(folder.glob("*.json")):
            row = _call_errors(folder, text, ears)
            for speaker in total:
                total[speaker] += row[speaker]
            rows.append(_figures(text.stem, row["seller"], row["client"]))
            click.echo(_line(rows[-1]))
    rows.append(_figures("all", total["seller"], total["client"]))
    click.echo(_line(rows[-1]))
    if json_file is not None:
        json_file.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _call_errors(folder: Path, text: Path, ears: Listening) -> dict[str, Any]:
    from services.transcribe.domain.word_errors import comparable, word_errors

    spoken = json.loads(text.read_text(encoding="utf-8"))
    sound = next(path for path in sorted(folder.glob(f"{text.stem}.*")) if path.suffix != ".json")
    dialogue = ears.hear(sound.read_bytes(), 0)
    turns = dialogue.utterances if dialogue else ()
    result = {}
    for speaker in ("seller", "client"):
        said = " ".join(turn["text"] for turn in spoken["turns"] if turn["speaker"] == speaker)
        heard = " ".join(turn.text for turn in turns if turn.speaker.value == speaker)
        result[speaker] = word_errors(comparable(said), comparable(heard))
    return result


def _figures(call: str, seller: Any, client: Any) -> dict[str, Any]:
    both = seller + client
    rates = {"seller": seller, "client": client, "both": both}
    return {"call": call, "words": both.said, **{who: round(errors.rate, 3) for who, errors in rates.items()}}


def _line(row: dict[str, Any]) -> str:
    return f"{row['call']:24} {row['seller']:7.3f} {row['client']:7.3f} {row['both']:7.3f} {row['words']:6}"
