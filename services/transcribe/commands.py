"""Commands for people: recognise a file, measure the demo's word errors, make labelled dialogues as heard."""

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
        dialogue = _heard(ears, file, seller_channel)
        document = ears.document(dialogue, file.stem) if dialogue and as_json else None
    if dialogue is None:
        raise click.ClickException("nobody speaks in this recording (no_speech)")
    if document is not None:
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        _print(dialogue)


def _heard(ears: Listening, file: Path, seller_channel: int | None) -> Dialogue | None:
    from services.transcribe.domain.verdicts import CannotHear

    try:
        return ears.hear(file.read_bytes(), seller_channel)
    except CannotHear as verdict:
        raise click.ClickException(f"{file.name}: {verdict.detail} ({verdict.reason.value})") from verdict


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
    dialogue = _heard(ears, sound, 0)
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


@click.command("heard")
@click.argument("recordings", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("labels", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File of JSON lines to write."
)
@click.option("--seller-channel", type=click.IntRange(0, 1), default=None, help="Which channel the sellers speak on.")
def heard(recordings: Path, labels: Path, out: Path, seller_channel: int | None) -> None:
    """Labelled dialogues as this machine's recogniser hears them.

    LABELS holds one labelled dialogue a line (id, turns, gold); the folder RECORDINGS holds one sound file for each,
    named by its id. The labels' turn numbers are moved to the turns that were heard.
    """
    from schemas.codec import from_json, to_json
    from services.transcribe.app import listening
    from services.transcribe.domain.heard import as_heard

    written = 0
    with listening() as ears, out.open("w", encoding="utf-8") as target:
        for line in labels.read_text(encoding="utf-8").splitlines():
            if not line.strip():
                continue
            labelled = from_json(line)
            sound = _sound_of(recordings, str(labelled["id"]))
            dialogue = _heard(ears, sound, seller_channel) if sound else None
            made = as_heard(labelled, dialogue) if dialogue else None
            if made is None:
                why = "no recording" if sound is None else "no speech or no telling the speakers apart"
                click.echo(f"{labelled['id']}: left out, {why}", err=True)
                continue
            target.write(to_json(made) + "\n")
            written += 1
    click.echo(f"{written} dialogues written to {out}")


def _sound_of(folder: Path, name: str) -> Path | None:
    found = [path for path in sorted(folder.iterdir()) if path.stem == name and path.suffix not in (".json", ".txt")]
    return found[0] if found else None
