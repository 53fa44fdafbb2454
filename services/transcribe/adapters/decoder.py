"""The AudioDecoder port: every file is decoded in a limited child process, its samples lie in a folder of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from services.runtime.children import Child
from services.transcribe.domain.sound import Limits, Sound
from services.transcribe.ports import Decoded

TIMEOUT_SECONDS = 600.0


class ChildDecoder:
    """Decodes in the child `services.transcribe.adapters.decoding`. A dead child counts as an attempt (ChildDied)."""

    def __init__(self, limits: Limits, folder: Path | None = None) -> None:
        self._child = Child("services.transcribe.adapters.decoding:make_decoder", {"limits": limits})
        self._folder = folder

    def start(self) -> None:
        """Starts the process now, so that the first recording need not wait for it."""
        self._child.start()

    @contextmanager
    def decode(self, data: bytes) -> Iterator[Decoded]:
        """See the port."""
        with TemporaryDirectory(prefix="otzvuk-sound-", dir=self._folder) as folder:
            target = str(Path(folder) / "samples.pcm")
            sound: Sound = self._child.call("decode", data, target, timeout_seconds=TIMEOUT_SECONDS)
            yield Decoded(sound, target)

    def close(self) -> None:
        self._child.close()
