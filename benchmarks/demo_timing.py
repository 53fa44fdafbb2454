"""How long the demo takes from its start to the first draft, and until every call is where it should be.

    python -m benchmarks.demo_timing [--json OUT]

Goals on two cores that do nothing else: 25 s and 90 s.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import click

GOALS = {"first_draft_s": 25.0, "every_call_s": 90.0}
LIMIT_SECONDS = 600


@click.command()
@click.option("--json", "target", type=click.Path(path_type=Path))
def main(target: Path | None) -> None:
    """Runs `otzvuk demo --once` and reads what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "services.cli", "demo", "--once", "--time-limit", str(LIMIT_SECONDS)],
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS + 120,
        check=False,
    )
    told = re.search(r"First draft after ([\d.]+) s; every call where it should be after ([\d.]+) s", done.stdout)
    if done.returncode != 0 or told is None:
        raise click.ClickException(f"the demo did not end well:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    found = dict(zip(GOALS, map(float, told.groups()), strict=True))
    for name, seconds in found.items():
        click.echo(f"{name}: {seconds:.1f} s (goal {GOALS[name]:.0f} s)")
    if target is not None:
        target.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
