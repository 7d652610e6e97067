"""Fixtures around the real parts of `tests.harness`."""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser

from tests.harness.browser import chromium
from tests.harness.stack import Stack, running_stack
from tests.harness.upstream import Upstream, recording_upstream


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """Give a recording upstream that nothing has reached yet."""
    with recording_upstream() as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Give a headless Chromium of the test's own."""
    async with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def _whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture
def stack(_whole: Stack) -> Stack:
    """Give the shared stack with nothing recorded; tests that break or reconfigure it start their own."""
    _whole.app.clear()
    _whole.other.clear()
    return _whole
