"""`otzvuk demo` and `otzvuk up`: the whole system on one machine, with a played day or empty and lasting."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

DEFAULT_PORT = 8080


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """The data folder: the one to keep, or a temporary one that goes away."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    made = Path(tempfile.mkdtemp(prefix="otzvuk-demo-"))
    try:
        yield made
    finally:
        os.chdir(made.parent)
        shutil.rmtree(made, ignore_errors=True)


def _heed_signals() -> None:
    """Ctrl-C and SIGTERM end the system in order, also where we were started with interrupts ignored (nohup, CI)."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


@click.command()
@click.option("--once", is_flag=True, help="End when every call has arrived where it should; exit code 0 if so.")
@click.option(
    "--audio", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Send a recording of your own too."
)
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Keep the data in this folder.")
@click.option("--port", type=int, help=f"Port of the review page [default: {DEFAULT_PORT}, any free one with --once].")
@click.option("--time-limit", default=600, show_default=True, help="Seconds after which --once gives up.")
def demo(once: bool, audio: Path | None, keep: Path | None, port: int | None, time_limit: int) -> None:
    """Play a working day of a demo company and open the review page."""
    from demo.show import Show
    from demo.system import forget_settings

    _heed_signals()
    audio = audio.resolve() if audio is not None else None
    review_port = port if port is not None else (None if once else DEFAULT_PORT)
    with _folder(keep) as data:
        forget_settings(data)
        show = Show(data, review_port, audio, time_limit)
        try:
            arrived = show.run()
            if once:
                raise SystemExit(0 if arrived else 1)
            show.stay()
        except KeyboardInterrupt:
            click.echo("\nEnding…")
        finally:
            show.close()


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), default=Path("data"), show_default=True)
@click.option("--port", default=DEFAULT_PORT, show_default=True, help="Port of the review page.")
@click.option("--door-port", default=8081, show_default=True, help="Port of the door for PBX and CRM.")
@click.option("--kafka", "bootstrap", help="Address of a Kafka that runs already.")
@click.option("--embedded", is_flag=True, help="Take the embedded broker even where Kafka can be had.")
def up(data: Path, port: int, door_port: int, bootstrap: str | None, embedded: bool) -> None:
    """Start an empty, lasting system on this machine; its data stay in one folder."""
    from demo.lasting import Lasting

    _heed_signals()
    lasting = Lasting(data.resolve(), port, door_port, bootstrap, embedded)
    try:
        lasting.run()
    except KeyboardInterrupt:
        click.echo("\nEnding…")
    finally:
        lasting.close()
