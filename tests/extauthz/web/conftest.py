from collections.abc import AsyncIterator

import pytest

from tests.extauthz.web.world import World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Give a fresh application."""
    made = World()
    yield made
    await made.close()
