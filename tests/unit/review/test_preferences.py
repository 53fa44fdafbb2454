"""What a form says about how somebody likes the pages, and what it cannot say."""

from __future__ import annotations

import pytest

from services.review.domain.people import Language
from services.review.domain.preferences import Preferences, understood


@pytest.mark.parametrize(
    ("said", "likes"),
    [
        (("en", "", "", ""), Preferences(language=Language.EN)),
        (("", "dark", "", ""), Preferences(theme="dark")),
        (("", "", "1.25", ""), Preferences(speed_hundredths=125)),
        (("", "", "3", "skip"), Preferences(speed_hundredths=300, skips_silence=True)),
        (("", "", "", "keep"), Preferences(skips_silence=False)),
    ],
)
def test_what_is_known_is_understood(said: tuple[str, str, str, str], likes: Preferences) -> None:
    assert understood(*said) == likes


@pytest.mark.parametrize("speed", ["", "fast", "0", "4", "1.2", "-1", "1e9", "1.255", "²", "nan", "9" * 400])
def test_a_speed_that_the_player_does_not_have_is_left_unsaid(speed: str) -> None:
    assert understood("de", "loud", speed, "perhaps") == Preferences()


def test_only_what_is_said_is_kept() -> None:
    assert Preferences(Language.RU, skips_silence=False).said == {"language": Language.RU, "skips_silence": False}
    assert Preferences().said == {}
