"""Every error of ours is a verdict with a code; the code travels to metrics, dead letters, logs and answers."""

from typing import ClassVar

from schemas.errors import InvalidEvent

__all__ = [
    "AlreadyHandled",
    "InvalidEvent",
    "NotFound",
    "NotPermitted",
    "OtzvukError",
    "PermanentError",
    "Refusal",
    "StaleVersion",
    "TransientError",
]


class OtzvukError(Exception):
    """Base of our verdicts. `str(error)` is one clear sentence for a person; `code` is for machines.

    `foreign`: something from outside the firm is broken (a file), so that many in a row are no sign that we are.
    """

    code: ClassVar[str] = "error"
    foreign: ClassVar[bool] = False


class PermanentError(OtzvukError):
    """The message's own fault: trying again cannot help. It is buried with its reason."""

    code: ClassVar[str] = "permanent"


class TransientError(OtzvukError):
    """The world's fault: a database, broker, disk or remote that is away. It is waited out."""

    code: ClassVar[str] = "transient"


class StaleVersion(OtzvukError):
    """Somebody was faster: the row has changed since it was read."""

    code: ClassVar[str] = "stale_version"


class AlreadyHandled(OtzvukError):
    """The same command was carried out before; nothing changes."""

    code: ClassVar[str] = "already_handled"


class Refusal(OtzvukError):
    """Base of the business's refusals: an illegal move, a missing permission, a closed month."""

    code: ClassVar[str] = "refused"


class NotPermitted(Refusal):
    """Who asks may not do this, or not to this object."""

    code: ClassVar[str] = "not_permitted"


class NotFound(Refusal):
    """There is no such object, or none that who asks may see: the answer is the same."""

    code: ClassVar[str] = "not_found"
