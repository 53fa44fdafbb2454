"""The notebook runs from top to bottom over an export, and draws what it promises."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.review.star import make_export

NOTEBOOK = Path(__file__).parents[3] / "docs" / "notebooks" / "quality.ipynb"

# In a process of its own: the notebook's client and its kernel bring event loops and warnings of their own.
PROGRAM = """
import json, sys
import nbformat
from nbclient import NotebookClient
book = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(book, timeout=120, kernel_name="python3").execute()
outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
kinds = [list(output.get("data", {})) for output in outputs]
print(json.dumps({"pictures": sum("image/png" in kind for kind in kinds),
                  "first": outputs[0]["data"]["text/plain"],
                  "said": [output["text"] for output in outputs if output.output_type == "stream"]}))
"""


@pytest.mark.slow
def test_it_runs_and_draws(tmp_path: Path) -> None:
    import json

    make_export(tmp_path)
    kernels = tmp_path / "kernels" / "kernels" / "python3"
    kernels.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": "Python 3", "language": "python"}
    (kernels / "kernel.json").write_text(json.dumps(spec))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, str(NOTEBOOK)],
        env={
            **os.environ,
            "EXPORTS": str(tmp_path),
            "JUPYTER_PATH": str(tmp_path / "kernels"),
            "HOME": str(tmp_path),
            "IPYTHONDIR": str(tmp_path / "ipython"),
            "PYTHONWARNINGS": "error::FutureWarning",
        },
        text=True,
        capture_output=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["pictures"] == 5
    assert said["first"].startswith("(300, 1500, ")
    assert said["said"] == []


def test_no_outputs_are_kept() -> None:
    import json

    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert {len(cell["outputs"]) for cell in cells if cell["cell_type"] == "code"} == {0}
