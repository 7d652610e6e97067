"""One ADS call: reads requests, wakes for new snapshots, and does what the stream says."""

import asyncio
from typing import Any

import grpc
import structlog
from google.protobuf.message import DecodeError

from control_plane.ads.codec import decode, encode
from control_plane.ads.peer import peer_of
from control_plane.ads.publisher import SnapshotSource
from control_plane.envoy_floor import below_floor, floor_text
from control_plane.ledger import Ledger, short_name
from control_plane.lingering import LINGER
from control_plane.snapshot import Snapshot
from control_plane.xds import (
    Acked,
    Close,
    DeltaRequest,
    DeltaResponse,
    Effect,
    Node,
    Rejected,
    Request,
    Response,
    Send,
    Stream,
    Variant,
)

LACKING = "it lacks security fixes, and may let through what a newer one refuses; update it"

log = structlog.get_logger(__name__)


class Conversation:
    """The server's side of one call, from its first request to its end.

    Writing waits for the client; meanwhile this call reads nothing and takes up no snapshot, and other
    calls do not notice. What it takes up afterwards is the newest one.
    """

    def __init__(self, call: Any, variant: Variant, source: SnapshotSource, ledger: Ledger) -> None:
        self._call = call
        self._variant = variant
        self._source = source
        self._ledger = ledger
        self._wake = asyncio.Event()
        self._ending = False
        self._aged = False
        self._peer = peer_of(call)

    def end(self) -> None:
        """Let the call come to its end: after what is being done now, before anything else."""
        self._ending = True
        self._wake.set()

    async def run(self) -> None:
        """Converse until the client leaves or errs, or `end` is called."""
        with self._source.waking(self._wake):
            reading = self._read()
            try:
                while not (reading.done() or self._ending):
                    await self._await(reading)
                if reading.done() and reading.result() is not grpc.aio.EOF:
                    node, request = await self._decoded(reading.result())
                    await self._converse(node, request)
            finally:
                reading.cancel()

    async def _converse(self, node: Node, first: Request | DeltaRequest) -> None:
        """A client that comes before the first snapshot waits for it."""
        await self._newest(node)
        self._ledger.connected(node)
        log.info("ads_stream_opened", node=node.id, version=node.version, variant=self._variant.value)
        if below_floor(node.version):
            log.warning("envoy_too_old", node=node.id, version=node.version, floor=floor_text(), meaning=LACKING)
        try:
            while (snapshot := await self._newest(node)) is None and not self._ending:
                await self._await(None)
            if snapshot is not None:
                await self._attend(node, snapshot, first)
        finally:
            self._ledger.disconnected(node)
            log.info("ads_stream_closed", node=node.id)

    async def _attend(self, node: Node, snapshot: Snapshot, first: Request | DeltaRequest) -> None:
        stream = Stream(self._variant, snapshot)
        await self._perform(node, stream.receive(first))
        aging = asyncio.get_running_loop().call_later(LINGER.total_seconds(), self._age)
        reading = self._read()
        try:
            while not self._ending:
                await self._await(reading)
                newest = await self._newest(node)
                if newest is not None and newest is not snapshot:
                    snapshot = newest
                    await self._perform(node, stream.publish(snapshot))
                if self._aged:
                    self._aged = False
                    await self._perform(node, stream.release())
                if reading.done():
                    if reading.result() is grpc.aio.EOF:
                        return
                    _, request = await self._decoded(reading.result())
                    await self._perform(node, stream.receive(request))
                    reading = self._read()
        finally:
            aging.cancel()
            reading.cancel()

    async def _newest(self, node: Node) -> Snapshot | None:
        """What the node is to be served now; the call ends if its certificate speaks against that."""
        if objection := self._source.objection(node, self._peer):
            log.warning("ads_node_refused", node=node.id, group=node.group, reason=objection)
            await self._call.abort(grpc.StatusCode.PERMISSION_DENIED, objection)
        return self._source.snapshot_for(node, self._variant)

    def _age(self) -> None:
        self._aged = True
        self._wake.set()

    def _read(self) -> asyncio.Task[Any]:
        reading = asyncio.create_task(self._call.read(), name="ads read")
        reading.add_done_callback(lambda _: self._wake.set())
        return reading

    async def _await(self, reading: asyncio.Task[Any] | None) -> None:
        """Wait for a snapshot, the end, or, if there is one, the end of reading."""
        if reading is None or not reading.done():
            await self._wake.wait()
        self._wake.clear()

    async def _decoded(self, data: bytes) -> tuple[Node, Request | DeltaRequest]:
        try:
            received = decode(self._variant, data)
        except DecodeError:
            await self._call.abort(grpc.StatusCode.INVALID_ARGUMENT, "not a discovery request")
            raise
        return received.node, received.request

    async def _perform(self, node: Node, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Send(response):
                    await self._send(node, response)
                case Acked(type_url, version):
                    self._ledger.acked(node, type_url, version)
                    log.debug("xds_acked", node=node.id, type=short_name(type_url), version=version)
                case Rejected():
                    self._note_rejection(node, effect)
                case Close(code, message):
                    log.warning("ads_stream_refused", node=node.id, reason=message)
                    await self._call.abort(grpc.StatusCode[code], message)

    async def _send(self, node: Node, response: Response | DeltaResponse) -> None:
        self._ledger.sent(node, response.type_url, response.version)
        log.debug(
            "xds_sent",
            node=node.id,
            type=short_name(response.type_url),
            version=response.version,
            resources=len(response.resources),
        )
        await self._call.write(encode(response))

    def _note_rejection(self, node: Node, rejected: Rejected) -> None:
        self._ledger.rejected(node, rejected)
        log.warning(
            "xds_nacked",
            node=node.id,
            type=short_name(rejected.type_url),
            resources=list(rejected.names),
            version=rejected.version,
            reason=rejected.message,
            meaning="this node keeps the last version it accepted",
        )
