"""What a stream may serve: the newest snapshot, and for a while what it no longer holds.

Make before break: a resource that left the snapshot is served on until nothing that the client may
still hold refers to it. So a cluster outlives the last route configuration that names it, its
endpoints outlive the cluster, and a client on its way between two snapshots never finds a gap.
https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#eventual-consistency-considerations
"""

from collections.abc import Callable, Set

from control_plane.snapshot import Reference, Resource, ResourceSet, Snapshot


class Horizon:
    """The resources of the newest snapshot and those that are retiring, by type.

    `held` tells which of some resources the client may still refer to; it is asked only while something retires.
    """

    def __init__(self, snapshot: Snapshot, held: Callable[[Set[Reference]], set[Reference]]) -> None:
        self._snapshot = snapshot
        self._held = held
        self._retiring: dict[Reference, Resource] = {}
        self._views: dict[str, ResourceSet] = {}

    def view(self, type_url: str) -> ResourceSet:
        """All that may be served of a type. The same object as long as nothing of it changes."""
        if type_url not in self._views:
            self._views[type_url] = self._merged(type_url)
        return self._views[type_url]

    def advance(self, snapshot: Snapshot) -> None:
        """Take up a newer snapshot; what it lacks retires, if the client may still refer to it."""
        for type_url, before in self._snapshot.by_type.items():
            self._retiring |= {gone.reference: gone for gone in before.without(snapshot.of_type(type_url))}
        self._retiring = {name: gone for name, gone in self._retiring.items() if name not in snapshot}
        self._snapshot = snapshot
        self._views.clear()
        self.release()

    def release(self) -> None:
        """Forget what retires and the client no longer refers to."""
        if not self._retiring:
            return
        staying = self._staying()
        for reference in self._retiring.keys() - staying:
            del self._retiring[reference]
            self._views.pop(reference.type_url, None)

    def _staying(self) -> set[Reference]:
        """What the client may refer to, or may find named by something else that retires, once it asks for that."""
        staying: set[Reference] = set()
        found = self._held(self._retiring.keys())
        while found:
            staying |= found
            named = {reference for name in found for reference in self._retiring[name].references}
            found = (named & self._retiring.keys()) - staying
        return staying

    def _merged(self, type_url: str) -> ResourceSet:
        current = self._snapshot.of_type(type_url)
        retiring = [resource for resource in self._retiring.values() if resource.type_url == type_url]
        if not retiring:
            return current
        return ResourceSet.of([*current.by_name.values(), *retiring])
