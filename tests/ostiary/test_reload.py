"""Reading the configuration again beside everything else that the process does."""

import asyncio
import os
from pathlib import Path

from prometheus_client import CollectorRegistry

from access_model.model import AccessModel
from ostiary.configuration import ConfigurationFile
from ostiary.roots.reload import Commit, Reloader
from ostiary.roots.reload_record import ReloadRecord

CONFIGURATION = """\
address: 127.0.0.1:8443
shared_secret_file: secret
routes:
  - from: https://a.example.com
    to: http://10.0.0.1
    allow_public_unauthenticated_access: true
  - from: https://b.example.com
    to: https://10.0.0.2
    allow_public_unauthenticated_access: true
"""
SECRET = b"a" * 32


class Consumer:
    """Keeps what it was told."""

    def __init__(self) -> None:
        self.in_force: list[AccessModel] = []
        self.asked = asyncio.Event()
        self.times_asked = 0

    async def prepare(self, model: AccessModel) -> Commit:
        self.times_asked += 1
        self.asked.set()
        return lambda: self.in_force.append(model)


def reloader_of(folder: Path) -> tuple[ConfigurationFile, Reloader, Consumer, AccessModel]:
    file, consumer = ConfigurationFile(folder / "ostiary.yaml"), Consumer()
    file.path.write_text(CONFIGURATION)
    (folder / "secret").write_bytes(SECRET)
    loaded = file.read({})
    record = ReloadRecord(CollectorRegistry(), loaded.model.revision)
    return file, Reloader(file, loaded, [consumer.prepare], record), consumer, loaded.model


async def test_requests_are_answered_while_the_file_is_read(tmp_path: Path) -> None:
    """The reading waits for a pipe that this very event loop fills: it ends only if the loop goes on meanwhile."""
    file, reloader, consumer, _ = reloader_of(tmp_path)
    (tmp_path / "secret").unlink()
    os.mkfifo(tmp_path / "secret")
    file.path.write_text(CONFIGURATION.replace("10.0.0.1", "10.0.0.9"))
    reading = asyncio.create_task(reloader.reload())
    await _fill(tmp_path / "secret", reading)
    await reading
    assert [route.targets[0].host for route in consumer.in_force[0].routes] == ["10.0.0.9", "10.0.0.2"]


async def _fill(pipe: Path, reading: asyncio.Task[None]) -> None:
    """Write the secret into a pipe as soon as `reading` waits at its other end."""
    while not reading.done():
        try:
            descriptor = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # nobody is there yet
            await asyncio.sleep(0.001)
        else:
            os.write(descriptor, SECRET)
            os.close(descriptor)
            return


async def test_what_did_not_change_is_the_same_object_from_one_reading_to_the_next(tmp_path: Path) -> None:
    file, reloader, consumer, first = reloader_of(tmp_path)
    for number in (7, 8):
        file.path.write_text(f"# {number}\n" + CONFIGURATION.replace("10.0.0.1", f"10.0.0.{number}"))
        await reloader.reload()
    assert [model.routes[0].targets[0].host for model in consumer.in_force] == ["10.0.0.7", "10.0.0.8"]
    assert all(model.routes[1] is first.routes[1] for model in consumer.in_force)


async def test_files_are_followed_that_a_change_without_effect_brings_in(tmp_path: Path) -> None:
    file, reloader, consumer, _ = reloader_of(tmp_path)
    (tmp_path / "other").write_bytes(SECRET)
    file.path.write_text(CONFIGURATION.replace("_file: secret", "_file: other"))
    await reloader.reload()
    assert consumer.in_force == []
    assert tmp_path / "other" in reloader.watched


async def test_what_was_made_ready_at_the_first_sign_is_put_in_force_when_the_burst_is_over(tmp_path: Path) -> None:
    file, reloader, consumer, _ = reloader_of(tmp_path)
    file.path.write_text(CONFIGURATION.replace("10.0.0.1", "10.0.0.7"))
    reloader.sign()
    await consumer.asked.wait()
    assert consumer.in_force == []
    await reloader.reload()
    assert [model.routes[0].targets[0].host for model in consumer.in_force] == ["10.0.0.7"]
    assert consumer.times_asked == 1


async def test_what_was_made_ready_before_another_sign_is_never_put_in_force(tmp_path: Path) -> None:
    file, reloader, consumer, _ = reloader_of(tmp_path)
    for number in (7, 8):
        file.path.write_text(CONFIGURATION.replace("10.0.0.1", f"10.0.0.{number}"))
        reloader.sign()
        await consumer.asked.wait()
    await reloader.reload()
    assert [model.routes[0].targets[0].host for model in consumer.in_force] == ["10.0.0.8"]


async def test_a_file_that_was_half_written_at_the_first_sign_is_no_failure(tmp_path: Path) -> None:
    file, reloader, consumer, _ = reloader_of(tmp_path)
    file.path.write_text("routes: [")
    reloader.sign()
    file.path.write_text(CONFIGURATION.replace("10.0.0.1", "10.0.0.7"))
    reloader.sign()
    await reloader.reload()
    assert len(consumer.in_force) == 1


async def test_what_was_made_ready_before_something_else_came_in_force_is_never_put_in_force(tmp_path: Path) -> None:
    file, reloader, consumer, _ = reloader_of(tmp_path)
    file.path.write_text(CONFIGURATION.replace("10.0.0.1", "10.0.0.7"))
    reloader.sign()
    reloading = asyncio.create_task(reloader.reload())
    await asyncio.sleep(0)  # it has taken what is made ready, and waits for that
    reloader.sign()
    await reloading
    await reloader.reload()
    assert [model.routes[0].targets[0].host for model in consumer.in_force] == ["10.0.0.7"]
