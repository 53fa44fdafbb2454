"""Makes demo/recordings from the written dialogues: `python -m demo.voices.make` (Debian: festival festvox-ru sox).

The recordings are committed, so nobody needs these tools to run the demo. Both voices are synthetic.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import yaml

from demo.voices.line import Spoken, encode, mix, silence
from demo.voices.script import Script, load_all
from demo.voices.synth import RATE, MissingTools, require_tools

RECORDINGS = Path(__file__).parent.parent / "recordings"
NOT_AUDIO = "Это не запись: АТС положила сюда текст ошибки 502 Bad Gateway.\n".encode()


def main(names: list[str]) -> int:
    """Makes every recording, or those named."""
    try:
        require_tools()
    except MissingTools as missing:
        print(missing, file=sys.stderr)
        return 1
    RECORDINGS.mkdir(exist_ok=True)
    for script in load_all():
        if not names or script.id in names:
            _make(script)
    _make_special()
    _write_index()
    return 0


def _make(script: Script) -> None:
    samples, spoken = mix(script)
    target = RECORDINGS / f"{script.id}.{script.format}"
    target.write_bytes(encode(samples, script.format))
    _write_text(script, spoken, samples.shape[1] * 1000 // RATE)
    print(f"{target.name}: {samples.shape[1] / RATE:.1f} s, {target.stat().st_size} bytes, {len(spoken)} turns")


def _write_text(script: Script, spoken: list[Spoken], duration_ms: int) -> None:
    turns = [
        {"speaker": turn.speaker, "start_ms": turn.start_ms, "end_ms": turn.end_ms, "text": turn.text}
        for turn in spoken
    ]
    document = {"id": script.id, "language": "ru", "duration_ms": duration_ms, "turns": turns}
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    (RECORDINGS / f"{script.id}.json").write_text(text, encoding="utf-8")


def _make_special() -> None:
    (RECORDINGS / "broken.mp3").write_bytes(NOT_AUDIO)
    (RECORDINGS / "silence.flac").write_bytes(encode(silence(12, 20), "flac"))


def _write_index() -> None:
    entries = [_entry(script) for script in load_all()]
    entries.append(_special("broken", "broken.mp3", "broken_audio", "Файл с ошибкой вместо звука"))
    entries.append(_special("silence", "silence.flac", "no_speech", "На линии тишина"))
    head = "# Written by demo/voices/make.py. Synthetic voices (festival, festvox-ru), seller on channel 0.\n"
    body = yaml.safe_dump({"recordings": entries}, allow_unicode=True, sort_keys=False, width=120)
    (RECORDINGS / "index.yaml").write_text(head + body, encoding="utf-8")


def _entry(script: Script) -> dict[str, Any]:
    name = f"{script.id}.{script.format}"
    spoken = json.loads((RECORDINGS / f"{script.id}.json").read_text(encoding="utf-8"))
    return {
        "id": script.id,
        "file": name,
        "text": f"{script.id}.json",
        "duration_ms": spoken["duration_ms"],
        "seller_channel": 0,
        "title": script.title,
        "sha256": _sha256(name),
        "facts": script.facts,
        "expected": script.expected,
    }


def _special(name: str, file: str, reason: str, title: str) -> dict[str, Any]:
    return {
        "id": name,
        "file": file,
        "text": None,
        "duration_ms": 12_000,
        "seller_channel": 0,
        "title": {"ru": title, "en": f"Ends as transcript-failed: {reason}"},
        "sha256": _sha256(file),
        "facts": {"department": "call_center", "direction": "in", "stage_after": None, "refusal_reason": None},
        "expected": {"state": "failed", "reason": reason},
    }


def _sha256(name: str) -> str:
    return hashlib.sha256((RECORDINGS / name).read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
