"""Progress of long work on the terminal: what is being done, how much of it is done, and how long the rest takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Told = Callable[[str | int], None]


@contextmanager
def progress(title: str) -> Iterator[Callable[[int], Told]]:
    """A function that begins with the number of steps, and gives back one to call at each.

    It is called with a text (a step is done) or with how many are. Everything goes to standard error.
    """
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console) as shown:

        def begin(total: int) -> Told:
            task = shown.add_task(title, total=total)

            def told(step: str | int) -> None:
                if isinstance(step, int):
                    shown.update(task, advance=step)
                else:
                    shown.update(task, advance=1, description=f"{title}: {step}"[:80])

            return told

        yield begin
