"""Each service loads alone, without what only its neighbours need, and every command explains itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from services import cli

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("services.review.app", ("torch", "ctranslate2", "sklearn")),
        ("services.ingest.app", ("torch", "ctranslate2", "sklearn", "faster_whisper")),
        ("services.cli", ("torch", "ctranslate2", "sqlalchemy", "fastapi", "faust")),
        ("services.transcribe.app", ("torch", "faster_whisper")),
    ],
)
def test_importing_a_service_loads_no_heavy_library(module: str, heavy: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_every_command_loads_and_explains_itself(name: str) -> None:
    result = CliRunner().invoke(cli.cli, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert "Usage:" in result.output


@pytest.mark.parametrize("command", [["transcribe-file", __file__], ["transcribe"], ["score"]])
def test_a_library_of_another_service_that_is_not_here_is_named(command: list[str]) -> None:
    code = f"import sys; sys.modules['numpy'] = None; from services.cli import main; main({command!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    said = "otzvuk: this command needs the package numpy; install the extra of its service (docs/operators.md).\n"
    assert (done.returncode, done.stderr) == (1, said)
