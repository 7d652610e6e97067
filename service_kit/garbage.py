"""Keeping the garbage collector out of the way where many values come into being, and all of them stay."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected(*, for_good: bool = False) -> Iterator[None]:
    """Collect no garbage while the block runs: to look for it again and again takes a third of the time.

    `for_good`: whatever exists at the end of the block is taken for permanent, and never looked through again. That is
    for the start of a process; garbage of that moment stays.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if for_good:
            gc.freeze()
        if enabled:
            gc.enable()
