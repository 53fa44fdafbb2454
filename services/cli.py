"""The `otzvuk` command: a subcommand is loaded only when it is asked for, so that none pays for another's libraries."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

from services.runtime.errors import InvalidEvent, OtzvukError

# command → where it stands; one line of help each, so that `otzvuk --help` needs no import
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo.command:demo", "Play a working day of a demo company and open the review page."),
    "up": ("demo.command:up", "Start an empty, lasting system on this machine."),
    "ingest": ("services.ingest.app:command", "Run the door for PBX and CRM events."),
    "transcribe": ("services.transcribe.app:command", "Run speech recognition."),
    "score": ("services.score.app:command", "Run drafting and the contact rule."),
    "review": ("services.review.app:command", "Run the review pages and their worker."),
    "topics": ("services.topics:topics", "Create, list and read topics."),
    "dead-letters": ("services.dead_letters:dead_letters", "List, show and replay what was buried."),
    "models": ("services.models.commands:models", "List, fetch and check model weights."),
    "doctor": ("services.doctor:doctor", "Check settings, topics, databases, storage and models."),
    "import": ("services.ingest.commands:import_folder", "Bring in recordings from a folder with a CSV."),
    "replay": ("services.ingest.commands:replay", "Publish again from the raw events."),
    "raw-retention": ("services.ingest.commands:raw_retention", "Show or empty raw events that are over their time."),
    "transcribe-file": ("services.transcribe.commands:transcribe_file", "Recognise one file and print the dialogue."),
    "heard": ("services.transcribe.commands:heard", "Make labelled dialogues as heard from own recordings."),
    "demo-wer": ("services.transcribe.commands:demo_wer", "Word error rate of the demo recordings."),
    "evaluate-drafts": (
        "services.score.training.commands:evaluate_drafts",
        "Measure drafts against labelled dialogues.",
    ),
    "train": ("services.score.training.train_commands:train", "Learn from confirmed evaluations; better heads count."),
    "heads": ("services.score.training.train_commands:heads", "List versions of learned heads, choose one, go back."),
    "lessons": ("services.score.commands:lessons", "Write confirmed evaluations as labelled dialogues."),
    "scorecard": ("services.score.commands:scorecard", "Check, list and choose scorecards."),
    "shadow-replay": (
        "services.score.commands:shadow_replay",
        "Show whose score a new scorecard or model would change.",
    ),
    "people": ("services.review.commands:people", "Add, list and deactivate people."),
    "admin": ("services.review.commands:admin", "Make the first administrator."),
    "sample": ("services.review.commands:sample", "Explain a day's sample."),
    "audit": ("services.review.commands:audit", "Verify the audit log."),
    "retention": ("services.review.commands:retention", "Show or remove what is older than its time."),
    "export": ("services.review.commands:export", "Export calls, evaluations, leads and credit."),
    "kafka": ("services.local.commands:kafka", "Fetch Apache Kafka by Maven and run it on loopback."),
    "broker": ("services.topics:broker", "Run the embedded broker (demo and tests)."),
}


class LazyGroup(click.Group):
    """Loads a command at the moment it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        loaded: click.Command = getattr(import_module(module), attribute)
        return loaded

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="otzvuk")
def cli() -> None:
    """Otzvuk: call quality control. Every call drafted, every score explained; people decide."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point; an error of ours is one sentence and exit code 1."""
    sys.path.insert(0, str(Path.cwd())) if (Path.cwd() / "demo").is_dir() else None
    if "OTZVUK_ENDS_WITH" in os.environ:
        from services.runtime.supervisor import end_with_supervisor

        end_with_supervisor()
    try:
        cli.main(args=list(arguments) if arguments is not None else None, prog_name="otzvuk")
    except (OtzvukError, InvalidEvent) as error:
        click.echo(f"otzvuk: {error}", err=True)
        sys.exit(1)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] in ("services", "demo", "schemas"):
            raise
        what = f"otzvuk: this command needs the package {error.name}"
        click.echo(f"{what}; install the extra of its service (docs/operators.md).", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
