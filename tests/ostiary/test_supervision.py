"""What every service does between its start and its end."""

import gc

from prometheus_client import CollectorRegistry

from ostiary.roots.supervision import until_signal
from service_kit.operations import Operations


async def test_what_exists_at_the_start_is_not_looked_through_again() -> None:
    """Ten thousand routes are a million objects: looking through them holds up requests for a third of a second."""
    before = gc.get_freeze_count()
    frozen = []

    async def worker() -> None:
        frozen.append(gc.get_freeze_count())

    try:
        await until_signal([worker()], Operations(CollectorRegistry()))
    finally:
        gc.unfreeze()
    assert frozen[0] > before
