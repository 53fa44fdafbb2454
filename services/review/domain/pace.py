"""How fast messages may go out: as many a second in all, one a second to each chat, and silence when told so."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field


@dataclass
class Pace:
    """Counts what was sent; times are seconds of any clock that never goes back. Telegram's limits by default."""

    per_second: int = 30
    chat_seconds: float = 1.0
    _recent: deque[float] = field(default_factory=deque)
    _last: dict[int, float] = field(default_factory=dict)
    _silent_until: float = 0.0

    def wait(self, chat_id: int, now: float) -> float:
        """Seconds until a message may go to the chat; 0 is at once."""
        while self._recent and self._recent[0] <= now - 1.0:
            self._recent.popleft()
        waits = [0.0, self._silent_until - now]
        if chat_id in self._last:
            waits.append(self._last[chat_id] + self.chat_seconds - now)
        if len(self._recent) >= self.per_second:
            waits.append(self._recent[0] + 1.0 - now)
        return max(waits)

    def sent(self, chat_id: int, now: float) -> None:
        """A message went out."""
        self._recent.append(now)
        self._last[chat_id] = now
        if len(self._last) > 10_000:
            self._last = {chat: at for chat, at in self._last.items() if at > now - 60}

    def silence(self, seconds: float, now: float) -> None:
        """The other side asked for silence: nothing goes out for so long."""
        self._silent_until = max(self._silent_until, now + seconds)
