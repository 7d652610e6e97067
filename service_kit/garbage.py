"""Keeping the garbage collector out of the way where many values come into being, and all of them stay."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected(*, for_good: bool = False) -> Iterator[None]:
    """Collect no garbage while the block runs: to look for it again and again takes a third of the time.

    With `for_good`, what exists at its end is `set_apart`.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if for_good:
            set_apart()
        if enabled:
            gc.enable()


def set_apart() -> None:
    """Take all that exists for permanent: it is never looked through again, which would hold up requests.

    That is for the start of a process, since garbage of that moment stays. What is no garbage goes as ever once nobody
    refers to it.
    """
    gc.freeze()
