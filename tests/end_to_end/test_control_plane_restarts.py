"""The control plane dies and comes back, or another stands in: traffic goes on, and Envoy is sent what differs."""

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.harness.ostiary_process import Ostiary, ostiary
from tests.harness.ports import LOOPBACK, free_port
from tests.harness.split import SplitStack, running_split_stack
from tests.harness.stack import PUBLIC

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(120)]

NODE = "split"
TYPES = ("cds", "lds", "rds", "sds", "vhds")
UPDATES = r"(cds|lds|rds\.ingress|vhds\.ingress|sds\.certificate-0)\.update_success"
LINGERS = 10.0
PAUSE = 0.02
"""Seconds between requests, so that traffic leaves the machine to those who are to be watched."""


@dataclass(frozen=True, slots=True)
class Successor:
    """A control plane that an Envoy comes back to."""

    ostiary: Ostiary
    operations: httpx.Client

    def status(self) -> Mapping[str, Any]:
        told: Mapping[str, Any] = self.operations.get("/status").json()["xds"]
        return told

    def types(self) -> Mapping[str, Any]:
        """What became of each type at the Envoy."""
        return next((node["types"] for node in self.status()["nodes"] if node["id"] == NODE), {})

    def pushes(self) -> dict[str, int]:
        """Responses by type, by its own count."""
        lines = self.operations.get("/metrics").text.splitlines()
        counts = [line.removeprefix('xds_pushes_total{type="') for line in lines if line.startswith("xds_pushes_total")]
        return {line.partition('"')[0]: int(float(line.rpartition(" ")[2])) for line in counts}

    def wait_until_acked(self, *types: str) -> None:
        def acked() -> bool:
            known = self.types()
            return all(known.get(name, {}).get("acked") for name in types)

        self.ostiary.process.wait_until(acked, what=f"{types} accepted", deadline=45)


@dataclass(slots=True)
class Traffic:
    """One request after the other, on a connection that stays."""

    answers: list[int] = field(default_factory=list)

    @contextmanager
    def flowing(self, split: SplitStack) -> Iterator[None]:
        stop = threading.Event()

        def ask() -> None:
            with split.stack.program() as kept:
                while not stop.wait(PAUSE):
                    self.answers.append(kept.get(split.stack.url(PUBLIC)).status_code)

        thread = threading.Thread(target=ask)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(30)
        assert self.answers
        assert set(self.answers) == {200}


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SplitStack]:
    second = free_port()
    with running_split_stack(tmp_path_factory.mktemp("restarts"), further_xds=[f"{LOOPBACK}:{second}"]) as running:
        running.envoy.wait_until(lambda: len(_updates(running)) == len(TYPES), what="its first configuration")
        yield running


def _updates(split: SplitStack) -> dict[str, int]:
    """How often Envoy took up something, by its own count."""
    lines = httpx.get(f"{split.admin}/stats", params={"filter": UPDATES}).text.splitlines()
    return {name: int(count) for name, _, count in (line.partition(": ") for line in lines)}


def _clusters(split: SplitStack) -> set[str]:
    lines = httpx.get(f"{split.admin}/clusters").text.splitlines()
    return {line.partition("::")[0] for line in lines if line.startswith("route-")}


def _kill(one: Ostiary) -> None:
    if one.process.running:
        one.process.signal(signal.SIGKILL)
        one.process.wait_for_end()


@contextmanager
def successor(split: SplitStack, config: Mapping[str, Any], folder: Path) -> Iterator[Successor]:
    health = f"{LOOPBACK}:{free_port()}"
    with (
        ostiary(folder, config, verb="control-plane", env={"HEALTH_CHECK_ADDR": health}) as again,
        httpx.Client(base_url=f"http://{health}") as operations,
    ):
        yield Successor(again, operations)


def test_a_restart_resends_nothing_that_envoy_has(split: SplitStack, tmp_path: Path) -> None:
    before, traffic = _updates(split), Traffic()
    with traffic.flowing(split):
        _kill(split.control_plane)
        with successor(split, split.stack.config, tmp_path) as again:
            again.wait_until_acked(*TYPES)
            assert again.pushes() == {}
            assert all(record["sent"] is None for record in again.types().values())
    assert _updates(split) == before


def test_replicas_agree_and_envoy_goes_from_one_to_the_other(split: SplitStack, tmp_path: Path) -> None:
    _kill(split.control_plane)
    services = split.stack.config["services"]
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    listening = {**services, "xds_listen": split.further_xds[0]}
    with (
        successor(split, split.stack.config, tmp_path / "one") as one,
        successor(split, {**split.stack.config, "services": listening}, tmp_path / "other") as other,
    ):
        assert one.status()["version"] == other.status()["version"]
        first, second = _by_connection(split, one, other)
        first.wait_until_acked(*TYPES)
        served = {name: record["acked"]["version"] for name, record in first.types().items()}
        before, traffic = _updates(split), Traffic()
        with traffic.flowing(split):
            _kill(first.ostiary)
            second.wait_until_acked(*TYPES)
        assert second.pushes() == {}
        assert {name: record["acked"]["version"] for name, record in second.types().items()} == served
        assert _updates(split) == before


def _by_connection(split: SplitStack, one: Successor, other: Successor) -> tuple[Successor, Successor]:
    """The one that Envoy came to, and the one in reserve."""
    split.envoy.wait_until(lambda: bool(one.types() or other.types()), what="connected", deadline=45)
    return (one, other) if one.types() else (other, one)


def test_a_restart_with_another_configuration_sends_the_difference_and_breaks_nothing(
    split: SplitStack, tmp_path: Path
) -> None:
    """The old upstream is gone from the file, and yet stays until no request can be on its way to it."""
    _kill(split.control_plane)
    before, traffic = _updates(split), Traffic()
    clusters = _clusters(split)
    changed = {**split.stack.config, "routes": [_moved(split, route) for route in split.stack.config["routes"]]}
    with traffic.flowing(split):
        split.extauthz.rewrite(changed)
        with successor(split, changed, tmp_path) as again:
            again.wait_until_acked(*TYPES)
            assert again.pushes() == {"cds": 1, "vhds": 1}
            (added,) = _clusters(split) - clusters
            assert _clusters(split) == clusters | {added}, "nothing was taken away yet"
            moved = lambda: len(_clusters(split)) == len(clusters)  # noqa: E731
            again.ostiary.process.wait_until(moved, what="without the old upstream", deadline=LINGERS + 15)
            assert added in _clusters(split)
            assert again.pushes() == {"cds": 2, "vhds": 1}
    after = _updates(split)
    changes = {name: after[name] - before[name] for name in before if after[name] != before[name]}
    assert changes == {
        "cluster_manager.cds.update_success": 2,
        "http.ingress.rds.vhds.ingress.update_success": 1,
    }


def _moved(split: SplitStack, route: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**route, "to": split.stack.other.url} if PUBLIC in route["from"] else route
