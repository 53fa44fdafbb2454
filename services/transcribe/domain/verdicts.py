"""The verdict on a recording that cannot be listened to; adapters raise it, handlers turn it into an outcome."""

from services.transcribe.domain.outcome import FailureReason


class CannotHear(Exception):
    """`reason` for machines, `detail` one sentence for an operator. It travels between processes."""

    def __init__(self, reason: FailureReason, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return self.detail
