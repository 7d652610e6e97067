"""A client that keeps the book which the stream ought to keep, and complains of every broken rule.

It is written from the protocol, not from the stream: it holds what it accepted, remembers what it was
sent and refused, and looks at each response as it arrives.
"""

from collections import defaultdict

from control_plane.snapshot import FULL_STATE_TYPES, WILDCARD_TYPES, Resource, Snapshot
from control_plane.xds import (
    DeltaRequest,
    DeltaResponse,
    Effect,
    Refusal,
    Request,
    Response,
    Stream,
    Variant,
)
from tests.control_plane.xds.world import CDS, EDS, LDS, RDS, SDS, VHDS, responses

TYPES = (CDS, EDS, LDS, RDS, SDS, VHDS)
Held = dict[str, dict[str, Resource]]


class ReferenceClient:
    """Subscribed to all clusters, listeners and, in Delta, virtual hosts, and to some names of the other types."""

    def __init__(self, variant: Variant, snapshot: Snapshot) -> None:
        self.variant = variant
        self.snapshot = snapshot
        self.wanted: dict[str, set[str]] = {type_url: set() for type_url in (EDS, RDS, SDS)}
        self.held: Held = {type_url: {} for type_url in TYPES}
        self.accepted_version: dict[str, str] = {}
        self.connect()

    # What it does

    def connect(self) -> None:
        """Open a new stream, telling what is left of an earlier one."""
        self.stream = Stream(self.variant, self.snapshot)
        self.unanswered: dict[str, Response | DeltaResponse] = {}
        self.nonces: dict[str, str] = {}
        self.used_nonces: set[str] = set()
        self.sent: dict[str, dict[str, str]] = {type_url: {} for type_url in TYPES}
        self.refused: dict[str, dict[str, str]] = {type_url: {} for type_url in TYPES}
        self.asked: dict[str, set[str]] = defaultdict(set)
        # A SotW client does not say what it kept, so nothing can be made of that.
        kept = self.held if self.variant is Variant.DELTA else {}
        self.in_use: Held = {type_url: dict(kept.get(type_url, {})) for type_url in TYPES}
        for type_url in TYPES:
            self._open(type_url)

    def _open(self, type_url: str) -> None:
        names = tuple(sorted(self.wanted.get(type_url, ())))
        self.asked[type_url] |= set(names)
        if self.variant is Variant.SOTW:
            version = self.accepted_version.get(type_url, "")
            if type_url in FULL_STATE_TYPES and version == self.snapshot.of_type(type_url).version:
                self._note_kept(type_url)
            self.take(self.stream.receive(Request(type_url, names, version=version)))
            return
        self._note_kept(type_url)
        kept = {name: resource.version for name, resource in self.held[type_url].items()}
        self.take(self.stream.receive(DeltaRequest(type_url, names, initial_versions=kept)))

    def _note_kept(self, type_url: str) -> None:
        self.sent[type_url] = {name: resource.version for name, resource in self.held[type_url].items()}
        self.asked[type_url] -= self.sent[type_url].keys()

    def publish(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.take(self.stream.publish(snapshot))

    def subscribe(self, type_url: str, name: str) -> None:
        if name not in self.wanted[type_url] or self.variant is Variant.DELTA:
            self.asked[type_url].add(name)
        self.wanted[type_url].add(name)
        self._say(type_url, subscribe=(name,))

    def unsubscribe(self, type_url: str, name: str) -> None:
        self.wanted[type_url].discard(name)
        for book in (self.held, self.sent, self.refused, self.in_use):
            book[type_url].pop(name, None)
        self.asked[type_url].discard(name)
        self._say(type_url, unsubscribe=(name,))

    def _say(self, type_url: str, subscribe: tuple[str, ...] = (), unsubscribe: tuple[str, ...] = ()) -> None:
        """SotW: what is said while a response is unread is lost, and said again with the answer to that."""
        if self.variant is Variant.DELTA:
            self.take(self.stream.receive(DeltaRequest(type_url, subscribe, unsubscribe)))
            return
        if type_url in self.unanswered:
            stale = Request(type_url, self._names(type_url), nonce="stale")
            assert self.stream.receive(stale) == []
            return
        nonce = self.nonces.get(type_url, "")
        self.take(self.stream.receive(Request(type_url, self._names(type_url), nonce=nonce)))

    def answer(self, type_url: str, *, accept: bool) -> None:
        response = self.unanswered.pop(type_url, None)
        if response is None:
            return
        self._accept(response) if accept else self._refuse(response)
        refusal = None if accept else Refusal(3, "refused")
        if self.variant is Variant.DELTA:
            request: Request | DeltaRequest = DeltaRequest(type_url, nonce=response.nonce, refusal=refusal)
        else:
            version = self.accepted_version.get(type_url, "")
            request = Request(type_url, self._names(type_url), version, response.nonce, refusal)
        self.take(self.stream.receive(request))

    def age(self) -> None:
        """The stream grows so old that nothing of an earlier one is under way any more."""
        self.take(self.stream.release())

    def settle(self) -> None:
        while self.unanswered:
            self.answer(next(iter(self.unanswered)), accept=True)

    def _names(self, type_url: str) -> tuple[str, ...]:
        return tuple(sorted(self.wanted.get(type_url, ())))

    def _accept(self, response: Response | DeltaResponse) -> None:
        type_url = response.type_url
        self.accepted_version[type_url] = response.version
        for book in (self.held[type_url], self.in_use[type_url]):
            if self._is_full_state(response):
                book.clear()
            book.update((got.name, got) for got in response.resources if self._wants(type_url, got.name))
            for name in response.removed if isinstance(response, DeltaResponse) else ():
                book.pop(name, None)
        for got in response.resources:
            self.refused[type_url].pop(got.name, None)

    def _refuse(self, response: Response | DeltaResponse) -> None:
        for got in response.resources:
            if self._wants(response.type_url, got.name):
                self.refused[response.type_url][got.name] = got.version
        removed = set(response.removed) if isinstance(response, DeltaResponse) else set()
        if self._is_full_state(response):
            removed = self.held[response.type_url].keys() - {got.name for got in response.resources}
        self.refused[response.type_url].update(dict.fromkeys(removed, ""))

    # What it checks

    def take(self, effects: list[Effect]) -> None:
        for response in responses(effects):
            self._check_shape(response)
            self._check_necessity(response)
            self._check_order(response)
            self._note(response)

    def _check_shape(self, response: Response | DeltaResponse) -> None:
        type_url = response.type_url
        names = [resource.name for resource in response.resources]
        assert type_url not in self.unanswered, "rule 13: two pushes in flight"
        assert response.nonce not in self.used_nonces, "rule 2: a nonce was used twice"
        assert names == sorted(set(names)), "rules 7 and 14: twice, or not sorted"
        assert all(self._wants(type_url, name) for name in names), "rule 8: nobody wants that"
        if self._is_full_state(response):
            missing = self.snapshot.of_type(type_url).by_name.keys() - set(names)
            assert not missing, "rule 7: not the full state"
        current = self.snapshot.of_type(type_url).by_name
        for resource in response.resources:
            newest = current.get(resource.name)
            assert newest in {None, resource}, "rule 13: not the newest state"
        if type_url == VHDS:
            refused = self.refused[VHDS].keys() & current.keys()
            assert refused <= set(names), "refused together with another, and left behind"

    def _check_necessity(self, response: Response | DeltaResponse) -> None:
        """Rules 4 and 5: changed, or asked for; or endpoints, which follow their cluster (rule 9)."""
        type_url = response.type_url
        if type_url == EDS or self._is_full_state(response):
            return
        for resource in response.resources:
            unchanged = self.sent[type_url].get(resource.name) == resource.version
            # Virtual hosts are taken or refused together: one that was refused for another's fault goes again.
            again = type_url == VHDS and resource.name in self.refused[type_url]
            assert not unchanged or again or resource.name in self.asked[type_url], "rule 5: sent without need"

    def _check_order(self, response: Response | DeltaResponse) -> None:
        for resource in response.resources if response.type_url in {LDS, RDS, VHDS} else ():
            for reference in resource.references:
                known = reference.type_url != CDS or reference.name in self.sent[CDS]
                assert known, "rule 12: a name before what it names"
        if self._is_full_state(response) or isinstance(response, DeltaResponse):
            # Who asks for a name is told at once that there is none (rule 11), even if he has one.
            lost = self._lost(response) & self.held[response.type_url].keys() - self.asked[response.type_url]
            assert not (lost & self._used(response.type_url)), "rule 12: what is in use is removed"

    def _used(self, type_url: str) -> set[str]:
        used = (resource for book in self.in_use.values() for resource in book.values())
        references = {reference for resource in used for reference in resource.references}
        return {reference.name for reference in references if reference.type_url == type_url}

    def _lost(self, response: Response | DeltaResponse) -> set[str]:
        if isinstance(response, DeltaResponse):
            return set(response.removed)
        return self.sent[response.type_url].keys() - {resource.name for resource in response.resources}

    def _note(self, response: Response | DeltaResponse) -> None:
        type_url = response.type_url
        self.unanswered[type_url] = response
        self.nonces[type_url] = response.nonce
        self.used_nonces.add(response.nonce)
        self.asked[type_url].clear()
        if self._is_full_state(response) or isinstance(response, DeltaResponse):
            for name in self._lost(response):
                self.sent[type_url].pop(name, None)
        self.sent[type_url].update((resource.name, resource.version) for resource in response.resources)

    def check_settled(self) -> None:
        """Once all is answered, the client has the newest state, save for what it refused."""
        assert not self.unanswered
        for type_url in TYPES:
            newest, held = self.snapshot.of_type(type_url).by_name, self.held[type_url]
            for name in filter(lambda name: self._wants(type_url, name), newest):
                refused = self.refused[type_url].get(name) == newest[name].version
                assert refused or held.get(name) == newest[name], f"{type_url} {name} is not the newest"
            if self.variant is Variant.DELTA or type_url in FULL_STATE_TYPES:
                kept = held.keys() - newest.keys() - self._named(type_url)
                assert not kept or any(self.refused.values()), f"{type_url} {kept} was not removed"

    def _named(self, type_url: str) -> set[str]:
        """SotW: what the client's route configurations name. Those cannot be removed, so neither can what they name."""
        stale = self.held[RDS].values() if self.variant is Variant.SOTW else ()
        references = {reference for resource in stale for reference in resource.references}
        return {reference.name for reference in references if reference.type_url == type_url}

    def _wants(self, type_url: str, name: str) -> bool:
        if type_url == VHDS:
            return self.variant is Variant.DELTA
        return type_url in WILDCARD_TYPES or name in self.wanted[type_url]

    def _is_full_state(self, response: Response | DeltaResponse) -> bool:
        return isinstance(response, Response) and response.type_url in FULL_STATE_TYPES
