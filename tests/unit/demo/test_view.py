"""What the newcomer sees: bars while it moves, a table with addresses and log-ins at the end."""

from __future__ import annotations

import io

from rich.console import Console

from demo import view
from demo.company import load_company
from demo.plan import PlannedCall
from demo.progress import CallState, Stage, goals

CALLS = [
    ("p1", PlannedCall("c001", "09:04:00", "marina", "in", "+7", 5, "answered", 83_000, "drafted", dialogue="d")),
    ("p2", PlannedCall("c002", "09:10:00", "denis", "in", "+7", 5, "missed", 0, "registered")),
]


def drafted() -> CallState:
    state = CallState("id-1", "p1", "marina", call_type="objection", cqr=61, red_flags=("rudeness", "rudeness"))
    for stage in (Stage.RECEIVED, Stage.RECORDED, Stage.TRANSCRIBED, Stage.DRAFTED):
        state.reach(stage)
    state.drafts.add("d1")
    state.status = "listening_counted"
    return state


def shown(thing: object) -> str:
    out = io.StringIO()
    Console(file=out, width=170, force_terminal=False).print(thing)
    return out.getvalue()


def test_the_moving_picture_counts_each_stage_and_shows_the_latest_draft() -> None:
    text = shown(view.moving([drafted()], goals(call for _, call in CALLS), 12.0, 9.4))
    assert "A working day, 12 s, first draft after 9 s" in text
    assert [line.split()[-1] for line in text.splitlines()[1:6]] == ["1/2", "1/1", "1/1", "1/1", "0/0"]
    assert "objection  CQR 61  rudeness" in text


def test_one_line_says_the_same_where_nothing_can_be_redrawn() -> None:
    assert view.line([drafted()], goals(call for _, call in CALLS), 12.0) == (
        "  12 s  received 1/2 · recorded 1/1 · transcribed 1/1 · drafted 1/1 · sent to listening 0/0"
    )


def test_the_table_names_type_cqr_flags_status_and_page() -> None:
    text = shown(view.result(CALLS, {"p1": drafted()}, load_company(), "http://127.0.0.1:8080"))
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines() if "│" in line]
    assert rows == [
        ["c001", "09:04", "Марина Ковалёва", "1:23", "objection", "61", "rudeness", "listening_counted", "/calls/id-1"],
        ["c002", "09:10", "Денис Рябов", "missed", "", "", "", "not received", ""],
    ]


def test_everybody_gets_a_log_in() -> None:
    text = shown(view.logins(load_company(), "word-of-the-day"))
    assert text.count("word-of-the-day") == 13
