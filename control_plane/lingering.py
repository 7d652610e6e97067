"""Upstreams outlive the routes that led to them: a request may have taken its route and still be on its way.

Envoy chooses the route first, asks `Check`, and looks the cluster up when the answer is there. That a newer route
configuration was accepted meanwhile does not help this request: a cluster that is gone by then is a 503.
"""

from datetime import datetime, timedelta

from control_plane.snapshot import Reference, Resource, Snapshot, TypeUrl

LINGER = timedelta(seconds=10)
"""Longer than `Check` may take to answer."""
_UPSTREAM = (TypeUrl.CLUSTER, TypeUrl.ENDPOINT, TypeUrl.SECRET)


class Lingering:
    """The snapshots of one group of Envoys, one after the other."""

    def __init__(self) -> None:
        self._last: Snapshot | None = None
        self._gone: dict[Reference, tuple[Resource, datetime]] = {}

    def follow(self, snapshot: Snapshot, now: datetime) -> Snapshot:
        """What to serve in place of `snapshot`: it, and the upstreams that it lacks and that left a moment ago."""
        for resource in self._leaving(snapshot):
            self._gone[resource.reference] = resource, now + LINGER
        self._last = snapshot
        return self.settle(now)

    def settle(self, now: datetime) -> Snapshot:
        """What to serve now, without what has lingered long enough. To be called after `follow`."""
        assert self._last is not None
        self._gone = {
            name: (resource, until)
            for name, (resource, until) in self._gone.items()
            if until > now and name not in self._last
        }
        staying = [resource for resource, _ in self._gone.values()]
        return self._last.joined_by(staying) if staying else self._last

    def _leaving(self, snapshot: Snapshot) -> list[Resource]:
        if self._last is None:
            return []
        return [
            gone for type_url in _UPSTREAM for gone in self._last.of_type(type_url).without(snapshot.of_type(type_url))
        ]
