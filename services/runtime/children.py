"""One spawned child process that holds a model, so that what crashes or hangs in it cannot take the service along."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Mapping
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any

from services.runtime.errors import OtzvukError


class ChildDied(OtzvukError):
    """The process that held the model ended while it worked; that counts as an attempt."""

    code = "child_died"


class ChildTimeout(OtzvukError):
    """The work took longer than it may; the process was ended, and that counts as an attempt."""

    code = "child_timeout"


def _serve(pipe: Connection, factory: str, arguments: Mapping[str, Any], parent: int) -> None:
    module, _, name = factory.partition(":")
    made = getattr(import_module(module), name)(**arguments)
    pipe.send(("ready", None))
    while True:
        while not pipe.poll(1.0):
            if os.getppid() != parent:
                return  # the service was killed; nobody will ask again
        try:
            method, args, kwargs = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer = ("answer", getattr(made, method)(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - the edge of the process: every error travels to the caller
            answer = ("error", error)
        try:
            pipe.send(answer)
        except (BrokenPipeError, OSError):
            return
        except Exception as error:  # noqa: BLE001 - an error that cannot be pickled still needs an answer
            pipe.send(("error", RuntimeError(f"{type(error).__name__} while answering")))


class Child:
    """Calls methods of an object that `factory` ("module:function") makes in a process of its own.

    The process is spawned at the first call (or by `start`), used by one caller at a time, and started anew after
    it died.
    """

    def __init__(
        self,
        factory: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        threads: int = 1,
        calls_before_renewal: int = 500,
    ) -> None:
        self._factory = factory
        self._arguments = dict(arguments or {})
        self._threads = threads
        self._renewal = calls_before_renewal
        self._lock = threading.Lock()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None
        self._calls = 0

    def start(self, timeout_seconds: float = 300) -> None:
        """Loads the model now. Raises ChildDied, ChildTimeout."""
        with self._lock:
            self._ensure(timeout_seconds)

    def call(self, method: str, *args: Any, timeout_seconds: float, **kwargs: Any) -> Any:
        """The method's answer; its own errors are raised here. Raises ChildDied, ChildTimeout."""
        with self._lock:
            pipe = self._ensure(300)
            self._calls += 1
            try:
                pipe.send((method, args, kwargs))
                kind, value = self._receive(pipe, timeout_seconds)
            except (BrokenPipeError, ConnectionResetError, EOFError) as error:
                self._end()
                raise ChildDied("The process that held the model ended while it worked.") from error
            if self._calls >= self._renewal:
                self._end()
        if kind == "error":
            raise value
        return value

    def close(self) -> None:
        """Ends the process; a call that is under way fails with ChildDied."""
        process = self._process
        busy = not self._lock.acquire(blocking=False)
        if not busy:
            self._lock.release()
        elif process is not None and process.is_alive():
            process.terminate()
        with self._lock:
            self._end()

    def _receive(self, pipe: Connection, timeout_seconds: float) -> tuple[str, Any]:
        if not pipe.poll(timeout_seconds):
            self._end()
            raise ChildTimeout(f"The work took longer than {timeout_seconds:.0f} s and was ended.")
        answer: tuple[str, Any] = pipe.recv()
        return answer

    def _ensure(self, timeout_seconds: float) -> Connection:
        if self._process is not None and self._process.is_alive() and self._pipe is not None:
            return self._pipe
        self._end()
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        saved = {name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "TOKENIZERS_PARALLELISM")}
        os.environ["OMP_NUM_THREADS"] = str(self._threads)
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        try:
            self._process = context.Process(
                target=_serve, args=(theirs, self._factory, self._arguments, os.getpid()), daemon=True
            )
            self._process.start()
        finally:
            for name, value in saved.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
        theirs.close()
        self._pipe, self._calls = ours, 0
        try:
            self._receive(ours, timeout_seconds)
        except (EOFError, ConnectionResetError) as error:
            self._end()
            raise ChildDied("The process that should hold the model ended at once; its own log says why.") from error
        return ours

    def _end(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if self._process is not None:
            self._process.join(1)  # an idle child ends by itself when its pipe is closed, and cleans up
            if self._process.is_alive():
                self._process.terminate()
                self._process.join(3)
                if self._process.is_alive():
                    self._process.kill()
            self._process.join(3)
            self._process = None
