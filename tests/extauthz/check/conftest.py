from collections.abc import AsyncIterator

import pytest

from tests.extauthz.check.world import World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Give a fresh service."""
    made = World()
    yield made
    await made.check.services.provider.aclose()
