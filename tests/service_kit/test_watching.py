"""File watching sees what editors and mounted config maps do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from service_kit.watching import LONGEST_BURST_SECONDS, QUIET_SECONDS, STEP_MILLISECONDS, Bursts, watching


@asynccontextmanager
async def _watching(file: Path) -> AsyncIterator[asyncio.Queue[None]]:
    seen: asyncio.Queue[None] = asyncio.Queue()
    async with watching([file], lambda: seen.put_nowait(None)):
        yield seen


async def _until_seen(seen: asyncio.Queue[None], change: Callable[[int], object]) -> None:
    """Make the change until it is seen: the watch begins at a moment nobody is told of."""
    for attempt in range(50):
        change(attempt)
        try:
            await asyncio.wait_for(seen.get(), 0.5)
        except TimeoutError:
            continue
        return
    pytest.fail("the change was never seen")


async def test_writing_the_file(tmp_path: Path) -> None:
    file = tmp_path / "ostiary.yaml"
    file.write_text("a")
    async with _watching(file) as seen:
        await _until_seen(seen, lambda attempt: file.write_text(str(attempt)))


async def test_renaming_another_file_over_it(tmp_path: Path) -> None:
    file = tmp_path / "ostiary.yaml"
    file.write_text("a")

    def replace(attempt: int) -> None:
        draft = tmp_path / "draft"
        draft.write_text(str(attempt))
        draft.replace(file)

    async with _watching(file) as seen:
        await _until_seen(seen, replace)


async def test_swapping_the_folder_link_of_a_mounted_config_map(tmp_path: Path) -> None:
    mount = tmp_path / "mount"
    mount.mkdir()

    def publish(attempt: int) -> None:
        version = mount / f"..version-{attempt}"
        version.mkdir()
        (version / "ostiary.yaml").write_text(str(attempt))
        link = mount / "..next"
        link.symlink_to(version.name)
        link.replace(mount / "..data")

    publish(-1)
    file = mount / "ostiary.yaml"
    file.symlink_to("..data/ostiary.yaml")
    async with _watching(file) as seen:
        await _until_seen(seen, publish)


async def test_other_files_of_the_folder_count_for_nothing(tmp_path: Path) -> None:
    file, log = tmp_path / "ostiary.yaml", tmp_path / "access.log"
    file.write_text("a")
    async with _watching(file) as seen:
        await _until_seen(seen, lambda attempt: file.write_text(str(attempt)))
        while True:  # what is still on its way from the writing above
            try:
                await asyncio.wait_for(seen.get(), 0.5)
            except TimeoutError:
                break
        log.write_text("a line")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(seen.get(), 0.5)


async def test_every_file_of_a_folder(tmp_path: Path) -> None:
    async with _watching(tmp_path / "*") as seen:
        await _until_seen(seen, lambda attempt: (tmp_path / f"{attempt}.yaml").write_text("a"))


async def test_a_burst_is_one_call_when_it_is_over() -> None:
    over = asyncio.Event()
    bursts, loop = Bursts(over.set), asyncio.get_running_loop()
    for _ in range(3):
        bursts.sign()
        last = loop.time()
        await asyncio.sleep(QUIET_SECONDS / 5)
        assert not over.is_set()
    await over.wait()
    assert loop.time() >= last + QUIET_SECONDS - STEP_MILLISECONDS / 1000


async def test_a_burst_without_end_is_cut_short() -> None:
    over = asyncio.Event()
    bursts, loop = Bursts(over.set), asyncio.get_running_loop()
    begun = loop.time()
    while not over.is_set():
        bursts.sign()
        await asyncio.sleep(QUIET_SECONDS / 10)
    assert loop.time() >= begun + LONGEST_BURST_SECONDS


async def test_a_change_is_told_of_at_once_and_again_when_it_is_over(tmp_path: Path) -> None:
    file, told = tmp_path / "ostiary.yaml", list[str]()
    file.write_text("a")
    over = asyncio.Event()

    def end() -> None:
        told.append("over")
        over.set()

    async with watching([file], end, at_once=lambda: told.append("sign")):
        for attempt in range(50):
            file.write_text(str(attempt))
            try:
                await asyncio.wait_for(over.wait(), 0.5)
            except TimeoutError:
                continue
            break
    assert told[0] == "sign"
    assert told[-1] == "over"
    assert told.count("over") == 1
