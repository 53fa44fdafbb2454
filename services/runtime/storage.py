"""Object storage: a folder or an S3 bucket by URL; objects appear whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from services.runtime.errors import PermanentError, TransientError


class ObjectMissing(PermanentError):
    """There is no object with that key."""

    code = "object_missing"


class ObjectStorage:
    """Bytes by key. Keys are ours (ids and hashes), never a name that somebody sent."""

    def __init__(self, url: str) -> None:
        self.url = url
        parts = urlsplit(url)
        self._store: ObjectStore
        if parts.scheme == "file":
            folder = Path(url2pathname(parts.path))
            folder.mkdir(parents=True, exist_ok=True)
            self._store = LocalStore(folder, mkdir=True)
        elif parts.scheme == "s3":
            # credentials, region and endpoint come from the usual AWS_* variables
            self._store = from_url(url, client_options={"allow_http": True})
        else:
            raise ValueError(f"storage {parts.scheme!r} is not supported: use file:///folder or s3://bucket/prefix")

    @staticmethod
    def _checked(key: str) -> str:
        if not key or key.startswith("/") or ".." in key.split("/") or "\\" in key or "\0" in key:
            raise ValueError("that is no storage key")
        return key

    def put(self, key: str, data: bytes) -> None:
        """Stores an object whole; an older one with that key is replaced. Raises TransientError."""
        try:
            obstore.put(self._store, self._checked(key), data, use_multipart=False)
        except (BaseError, OSError) as error:
            raise TransientError("The object storage did not take an object; it is tried again.") from error

    def get(self, key: str) -> bytes:
        """The whole object. Raises ObjectMissing, TransientError."""
        try:
            return bytes(obstore.get(self._store, self._checked(key)).bytes())
        except (NotFoundError, FileNotFoundError) as error:
            raise ObjectMissing(f"The storage has no object {key}.") from error
        except (BaseError, OSError) as error:
            raise TransientError("The object storage does not answer.") from error

    def get_range(self, key: str, start: int, end: int) -> bytes:
        """Bytes `start` (inclusive) to `end` (exclusive). Raises ObjectMissing, TransientError."""
        try:
            return bytes(obstore.get_range(self._store, self._checked(key), start=start, end=end))
        except (NotFoundError, FileNotFoundError) as error:
            raise ObjectMissing(f"The storage has no object {key}.") from error
        except (BaseError, OSError) as error:
            raise TransientError("The object storage does not answer.") from error

    def size(self, key: str) -> int:
        """Length in bytes. Raises ObjectMissing, TransientError."""
        try:
            return int(obstore.head(self._store, self._checked(key))["size"])
        except (NotFoundError, FileNotFoundError) as error:
            raise ObjectMissing(f"The storage has no object {key}.") from error
        except (BaseError, OSError) as error:
            raise TransientError("The object storage does not answer.") from error

    def exists(self, key: str) -> bool:
        try:
            self.size(key)
        except ObjectMissing:
            return False
        return True

    def delete(self, key: str) -> None:
        """Removes an object; no error when it is gone already."""
        try:
            obstore.delete(self._store, self._checked(key))
        except (NotFoundError, FileNotFoundError):
            return
        except (BaseError, OSError) as error:
            raise TransientError("The object storage does not answer.") from error

    def list(self, prefix: str) -> Iterator[str]:
        """Keys under a folder-like prefix."""
        for batch in obstore.list(self._store, prefix=prefix):
            for item in batch:
                yield str(item["path"])
