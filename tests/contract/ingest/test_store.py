"""The fake store keeps the contract that the real one keeps."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from services.ingest.ports import Store
from tests.contract.ingest.stores import StoreContract
from tests.fakes.ingest import FakeStore


class TestFakeStore(StoreContract):
    @pytest.fixture(autouse=True)
    def _store(self) -> None:
        self.store = FakeStore()

    def opened(self) -> AbstractContextManager[Store]:
        @contextmanager
        def again() -> Iterator[Store]:
            yield self.store

        return again()
