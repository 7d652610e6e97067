"""What this control plane knows of one resource type on one stream: wants, holdings, the push in flight.

State only: which types may go when is decided by the stream. The rules held here:

- one push in flight; while it is unanswered nothing more of the type is due, and afterwards the newest state is
- due is what differs from the last version sent, whatever became of that: a refused version is not repeated
- due is also what the client is owed: names it has just asked for, even if it should have them
- virtual hosts are taken or refused together, so what was refused goes again with the next that is due: the fault may
  have been another one's
- LDS and CDS of SotW carry the full state; otherwise only what is due is sent
- in Delta, what is gone or was asked for in vain is removed; SotW has no word for that outside of the full state
- what a Delta client kept from an earlier stream in a version that is not ours is foreign until it was replaced
"""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, replace
from enum import Enum
from itertools import chain

from control_plane.snapshot import FULL_STATE_TYPES, WILDCARD_TYPES, Reference, Resource, ResourceSet, TypeUrl
from control_plane.xds.interest import Interest

_GONE = ""


class Variant(Enum):
    """The two forms of the protocol; a stream speaks one."""

    SOTW = "sotw"
    DELTA = "delta"


@dataclass(frozen=True, slots=True)
class Draft:
    """A response that is due."""

    version: str
    """Version of the type in the snapshot that it is taken from."""
    resources: tuple[Resource, ...]
    """What it carries, sorted by name."""
    removed: tuple[str, ...]
    """Names that the client loses by it, sorted."""
    changed: tuple[Resource, ...]
    """Those of `resources` that the client has not been sent yet, or is owed."""
    withheld: bool = False
    """Something is gone and not removed by it: there will be more to send even if nothing changes."""

    @property
    def names(self) -> tuple[str, ...]:
        """What it changes, sorted."""
        return tuple(sorted({*(resource.name for resource in self.changed), *self.removed}))


@dataclass(frozen=True, slots=True)
class _Holding:
    """What the client may have under one name."""

    version: str
    """Version last sent; empty if the client was told that it is gone."""
    references: frozenset[Reference]
    """What is named by any version that the client may be using."""
    accepted: bool
    """The client has accepted some version of it, and so has something to use."""


class Subscription:
    """One type of one stream."""

    def __init__(self, type_url: str, variant: Variant) -> None:
        self.type_url = type_url
        self.opened = False
        """The client has asked for this type."""
        self.interest = Interest()
        self.in_flight: Draft | None = None
        """The response that the client has not answered yet."""
        self.nonce = ""
        """Nonce of the last response; empty before the first."""
        self.waited_for = ""
        """Nonce of the CDS response for whose answer this type is, or has been, held back."""
        self._delta = variant is Variant.DELTA
        self._wildcard_type = type_url in (WILDCARD_TYPES if self._delta else FULL_STATE_TYPES)
        self._holdings: dict[str, _Holding] = {}
        self._foreign: dict[str, str] = {}
        self._owed: set[str] = set()
        self._refused_together: set[str] = set()
        self._greeting = False
        self._seen = ""
        self._withheld = False

    # What the client wants

    @property
    def owed(self) -> frozenset[str]:
        """Names to answer whether or not they have changed."""
        return frozenset(self._owed)

    def replace_names(self, names: Iterable[str]) -> None:
        """SotW: the client now wants exactly these."""
        wanted = self.interest.replaced(names, wildcard_type=self._wildcard_type)
        self._turn_to(wanted, asked=wanted.names - self.interest.names)

    def alter_names(self, subscribe: tuple[str, ...], unsubscribe: tuple[str, ...]) -> None:
        """Delta: the client wants these as well, and those no longer.

        A name that is still covered by the wildcard after its own subscription ended is owed an answer:
        https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#unsubscribing-from-resources
        """
        wanted = self.interest.altered(subscribe, unsubscribe, wildcard_type=self._wildcard_type)
        asked = wanted.names.intersection(subscribe)
        if wanted.wildcard:
            asked |= self.interest.names.intersection(unsubscribe)
        self._turn_to(wanted, asked)

    def owe(self, names: Iterable[str]) -> None:
        """Send these again, even if they have not changed, should the client want them."""
        self._owed.update(name for name in names if not self.opened or self.interest.covers(name))

    def _turn_to(self, wanted: Interest, asked: frozenset[str]) -> None:
        self.opened = True
        if wanted == self.interest and not asked:
            return
        self._greeting |= wanted.wildcard and not self.interest.wildcard
        self.interest = wanted
        self._owed = {name for name in self._owed | asked if wanted.covers(name)}
        self._holdings = {name: held for name, held in self._holdings.items() if wanted.covers(name)}
        self._foreign = {name: version for name, version in self._foreign.items() if wanted.covers(name)}
        self._seen = ""

    # What the client kept from an earlier stream

    @property
    def foreign(self) -> bool:
        """Whether the client may be using a version that is not in the snapshot, and so may name anything."""
        return bool(self._foreign)

    def resume(self, kept: Mapping[str, str], view: ResourceSet, touched: frozenset[str]) -> None:
        """Delta: the client has these versions already, so is owed none of them but those `touched` before."""
        for name, version in kept.items():
            if self.interest.covers(name):
                self._holdings[name] = _Holding(version, frozenset(), accepted=True)
                self._foreign[name] = version
        self.recognise(view)
        self._owed -= kept.keys() - touched
        self._greeting &= not kept

    def recognise(self, view: ResourceSet) -> None:
        """What the client kept is foreign no longer where it is the very version that exists now."""
        for name, version in [*self._foreign.items()]:
            resource = view.by_name.get(name)
            if resource is not None and resource.version == version:
                held = self._holdings[name]
                self._holdings[name] = replace(held, references=held.references | resource.references)
                del self._foreign[name]

    def resume_all(self, version: str, view: ResourceSet) -> bool:
        """SotW: if the client has the wildcard of this very version, take it as sent and accepted."""
        if version != view.version or not self.interest.wildcard:
            return False
        for name, resource in view.by_name.items():
            self._holdings[name] = _Holding(resource.version, resource.references, accepted=True)
        self._greeting = False
        return True

    # What is due

    def due(self, view: ResourceSet, *, withhold: bool = False) -> Draft | None:
        """The response to send next, given all that exists of this type; None if there is none yet.

        With `withhold`, what is gone is not removed yet.
        """
        if self.in_flight or not self.opened:
            return None
        unchanged = view.version == self._seen and (withhold or not self._withheld)
        if unchanged and not self._owed and not self._greeting:
            return None
        draft = self._draft(view, withhold=withhold)
        if not (draft.changed or draft.removed or self._greeting):
            self._settle(view, draft)
            return None
        return draft

    def _draft(self, view: ResourceSet, *, withhold: bool) -> Draft:
        wanted, owed, holdings = self._wanted(view), self._owed, self._holdings
        changed = tuple(
            [
                resource
                for name, resource in wanted.items()
                if (held := holdings.get(name)) is None or held.version != resource.version or name in owed
            ]
        )
        gone = {name for name in holdings.keys() - wanted.keys() if holdings[name].version != _GONE}
        if self._delta:
            removed = (self._owed - wanted.keys()) | (set() if withhold else gone)
            if self._refused_together and (changed or removed):
                again = self._refused_together | {resource.name for resource in changed}
                changed = tuple(resource for name, resource in wanted.items() if name in again)
                removed |= self._refused_together & self._holdings.keys() - wanted.keys()
            return Draft(view.version, changed, tuple(sorted(removed)), changed, withheld=withhold and bool(gone))
        if self._wildcard_type:
            return Draft(view.version, tuple(wanted.values()), tuple(sorted(gone)), changed)
        return Draft(view.version, changed, (), changed)

    def _wanted(self, view: ResourceSet) -> Mapping[str, Resource]:
        if self.interest.wildcard:
            return view.by_name
        return {name: view.by_name[name] for name in sorted(self.interest.names) if name in view.by_name}

    def _version_sent(self, name: str) -> str:
        held = self._holdings.get(name)
        return held.version if held else _GONE

    def _accepted(self, name: str) -> bool:
        held = self._holdings.get(name)
        return held is not None and held.accepted

    def _settle(self, view: ResourceSet, draft: Draft) -> None:
        self._seen, self._withheld = view.version, draft.withheld
        self._owed.clear()
        self._greeting = False

    # What became of it

    def sent(self, draft: Draft, nonce: str, view: ResourceSet) -> None:
        """The draft that was due for this view is on its way."""
        for resource in draft.changed:
            held = self._holdings.get(resource.name)
            self._holdings[resource.name] = _Holding(
                resource.version,
                resource.references | held.references if held else resource.references,
                self._accepted(resource.name),
            )
        for name in draft.removed:
            if held := self._holdings.get(name):
                self._holdings[name] = replace(held, version=_GONE)
        self._refused_together.clear()
        self.in_flight, self.nonce, self.waited_for = draft, nonce, ""
        self._settle(view, draft)

    def answered(self, *, accepted: bool) -> Draft:
        """The client took the push in flight, or refused it and goes on with what it had."""
        assert self.in_flight is not None
        draft, self.in_flight = self.in_flight, None
        if accepted:
            for resource in draft.resources:
                # A client that left a name and came back to it, all before it read the response, has it now.
                if self.interest.covers(resource.name):
                    held = _Holding(resource.version, resource.references, accepted=True)
                    self._holdings[resource.name] = held
                    self._foreign.pop(resource.name, None)
            for name in draft.removed:
                if self._version_sent(name) == _GONE:
                    self._holdings.pop(name, None)
                    self._foreign.pop(name, None)
        elif self._delta and self.type_url == TypeUrl.VIRTUAL_HOST:
            self._refused_together.update(draft.names)
        return draft

    # What others may rely on

    def references(self, among: Set[Reference]) -> set[Reference]:
        """Which of these are named by anything that the client may be using, or is about to."""
        some, coming = frozenset(among), self.in_flight.resources if self.in_flight else ()
        named = chain((held.references for held in self._holdings.values()), (each.references for each in coming))
        return {reference for naming in named if not some.isdisjoint(naming) for reference in naming & some}

    def unsent(self, names: Iterable[str], view: ResourceSet) -> bool:
        """Whether one of these exists, is wanted, and has not been sent."""
        return self._any(names, lambda name: name in view.by_name and self._version_sent(name) == _GONE)

    def unanswered(self, names: Iterable[str]) -> bool:
        """Whether one of these is in flight, and the client has no other version of it to use."""
        pushed = {resource.name for resource in self.in_flight.changed} if self.in_flight else set()
        return self._any(names, lambda name: name in pushed and not self._accepted(name))

    def _any(self, names: Iterable[str], test: Callable[[str], bool]) -> bool:
        return any(self.interest.covers(name) and test(name) for name in names)
