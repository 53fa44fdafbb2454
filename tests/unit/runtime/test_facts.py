"""Metrics are declared, logs hold no values of exceptions, settings mask their secrets."""

from __future__ import annotations

import json
import logging

import pytest
from pydantic import SecretStr

from services.runtime import metrics
from services.runtime.logs import configure, log
from services.runtime.settings import RuntimeSettings


@pytest.mark.parametrize("name", sorted(metrics.METRICS))
def test_a_metric_says_what_it_means(name: str) -> None:
    declared = metrics.METRICS[name]
    assert declared.kind in ("counter", "gauge", "histogram")
    assert declared.meaning.endswith(".")
    assert declared.unit in ("", "seconds", "bytes")


def test_an_undeclared_metric_is_an_error() -> None:
    with pytest.raises(KeyError):
        metrics.count("nobody.declared.this")


def test_an_exceptions_text_stays_out_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers[:], logging.getLogger().level
    configure("test")
    try:
        raise ValueError("+7 900 000-00-01")
    except ValueError:
        log.exception("thing.failed", call_id="c-1")
    logging.getLogger().handlers[:], level = before
    logging.getLogger().setLevel(level)
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["call_id"], line["service"], line["level"]) == ("thing.failed", "c-1", "test", "error")
    assert line["exception"][0]["exc_type"] == "ValueError"
    assert "900" not in json.dumps(line)


def test_secrets_are_masked() -> None:
    settings = RuntimeSettings(_env_file=None, client_key_secret=SecretStr("very-secret-value"))
    assert "very-secret-value" not in repr(settings)
