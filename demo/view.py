"""What the newcomer sees while the day is played, and the table at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console, Group
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from demo.company import Company
from demo.plan import PlannedCall
from demo.progress import CallState, Stage, counts

STAGES = {
    Stage.RECEIVED: "received",
    Stage.RECORDED: "recorded",
    Stage.TRANSCRIBED: "transcribed",
    Stage.DRAFTED: "drafted",
    Stage.LISTENING: "sent to listening",
}
LATEST = 5
GOOD, FAIR = 80, 60


def moving(states: Sequence[CallState], goal: Mapping[Stage, int], seconds: float, first_draft: float | None) -> Group:
    """The live picture: a bar a stage, and the latest drafts."""
    done = counts(states)
    bars = Table.grid(padding=(0, 2))
    for stage, label in STAGES.items():
        total = max(goal[stage], done[stage])
        bars.add_row(label, ProgressBar(total=max(total, 1), completed=done[stage], width=40), f"{done[stage]}/{total}")
    first = "" if first_draft is None else f", first draft after {first_draft:.0f} s"
    drafted = [state for state in states if state.drafts][-LATEST:]
    lines = [
        Text(f"  {state.provider_call_id[-4:]}  {_type(state)}  CQR {_cqr(state)}  {_flags(state)}")
        for state in drafted
    ]
    return Group(Text(f"A working day, {seconds:.0f} s{first}", style="bold"), bars, *lines)


def line(states: Sequence[CallState], goal: Mapping[Stage, int], seconds: float) -> str:
    """The same in one line, for a terminal that cannot redraw."""
    done = counts(states)
    parts = [f"{label} {done[stage]}/{max(goal[stage], done[stage])}" for stage, label in STAGES.items()]
    return f"{seconds:4.0f} s  " + " · ".join(parts)


def result(
    calls: Sequence[tuple[str, PlannedCall]], states: Mapping[str, CallState], company: Company, page: str
) -> Table:
    """The day's calls with type, CQR, flags and status, each with its page's path below `page`."""
    table = Table("call", "time", "seller", "talk", "type", "CQR", title="The day's calls", pad_edge=False)
    table.add_column("flags", max_width=24)
    table.add_column("status")
    table.add_column("page", no_wrap=True)
    for name, call in calls:
        state = states.get(name)
        seller = company.person(call.seller).name
        talk = f"{call.talk_ms // 60_000}:{call.talk_ms // 1000 % 60:02d}" if call.talk_ms else call.outcome
        if state is None:
            table.add_row(call.id, call.at[:5], seller, talk, "", "", "", "not received", "")
            continue
        status = state.failure or state.status or ""
        path = f"/calls/{state.call_id}"
        address = Text(path, style=f"link {page}{path}")
        table.add_row(call.id, call.at[:5], seller, talk, _type(state), _cqr(state), _flags(state), status, address)
    return table


def logins(company: Company, password: str) -> Table:
    """Ready log-ins, one a person."""
    table = Table("log-in", "password", "role", "name", title="Log-ins of the demo company")
    for person in company.people:
        table.add_row(person.id, password, person.role, person.name)
    return table


def console() -> Console:
    """The terminal; wide enough for the table also when the output goes to a file."""
    terminal = Console()
    return terminal if terminal.is_terminal else Console(width=170)


def _type(state: CallState) -> str:
    return state.call_type or ""


def _cqr(state: CallState) -> str:
    return "" if state.cqr is None else f"{float(state.cqr):.0f}"


def _flags(state: CallState) -> str:
    return ", ".join(dict.fromkeys(state.red_flags))
