"""A whole configuration of one group of Envoys: consistent or refused whole, versioned by content."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter, is_
from types import MappingProxyType
from typing import Self

from control_plane.snapshot.resource import Reference, Resource, content_version
from control_plane.snapshot.types import TypeUrl

_NAME = attrgetter("name")


class SnapshotInconsistent(ValueError):
    """The resources do not fit together. Nothing of them may be served; every problem is listed."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        """One sentence per problem, sorted."""
        super().__init__(
            f"snapshot refused ({len(problems)} problems), every Envoy keeps the last one: {'; '.join(problems)}"
        )


@dataclass(frozen=True, slots=True)
class ResourceSet:
    """All resources of one type, in the order of their names."""

    by_name: Mapping[str, Resource]
    """The resources, sorted by name; read-only."""
    version: str
    """Hash over names and versions: equal for equal content, whatever order it arrived in."""

    @classmethod
    def of(cls, resources: Iterable[Resource], before: "ResourceSet | None" = None) -> "ResourceSet":
        """Sort and version resources of one type with distinct names; `before` itself if these objects make it up."""
        ordered = sorted(resources, key=_NAME)
        if (
            before is not None
            and len(ordered) == len(before.by_name)
            and all(map(is_, ordered, before.by_name.values()))
        ):
            return before
        listing = "".join([f"{resource.name}\0{resource.version}\n" for resource in ordered])
        by_name = {resource.name: resource for resource in ordered}
        return cls(MappingProxyType(by_name), content_version(listing.encode()))

    def without(self, other: Self) -> list[Resource]:
        """The resources whose names the other one lacks."""
        return [self.by_name[name] for name in self.by_name.keys() - other.by_name.keys()]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one group of Envoys is to be served, of every type."""

    by_type: Mapping[str, ResourceSet]
    """The types that have resources; read-only, in push order."""
    version: str
    """Hash over the versions of the types."""

    @classmethod
    def build(cls, resources: Iterable[Resource], before: Self | None = None) -> Self:
        """Check and assemble resources, given in any order; of `before`, the sets that have not changed are kept.

        Raises SnapshotInconsistent, naming everything at fault, if a name occurs twice within its
        type or a resource refers to one that is absent.
        """
        given: dict[TypeUrl, list[Resource]] = {type_url: [] for type_url in TypeUrl}
        for resource in resources:
            given[resource.type_url].append(resource)
        by_type = {
            type_url: ResourceSet.of(of_type, before.by_type.get(type_url) if before else None)
            for type_url, of_type in given.items()
            if of_type
        }
        built = cls._of(by_type)
        problems = (*_duplicates(given, built), *_dangling(given, built))
        if problems:
            raise SnapshotInconsistent(tuple(sorted(problems)))
        return built

    @classmethod
    def _of(cls, by_type: Mapping[TypeUrl, ResourceSet]) -> Self:
        listing = "".join(f"{type_url}\0{of_type.version}\n" for type_url, of_type in by_type.items())
        return cls(MappingProxyType(dict(by_type.items())), content_version(listing.encode()))

    def joined_by(self, resources: Iterable[Resource]) -> Self:
        """This snapshot and some more resources, with names that it lacks. They refer to nothing but each other."""
        added: dict[str, list[Resource]] = {}
        for resource in resources:
            added.setdefault(resource.type_url, []).append(resource)
        joined = {
            type_url: ResourceSet.of([*self.of_type(type_url).by_name.values(), *added.get(type_url, ())])
            if type_url in added
            else self.by_type[type_url]
            for type_url in TypeUrl
            if type_url in added or type_url in self.by_type
        }
        return self._of(joined)

    def of_type(self, type_url: str) -> ResourceSet:
        """All resources of a type; empty if there are none, or if the type is not one of ours."""
        return self.by_type.get(type_url, _NOTHING)

    def __contains__(self, reference: Reference) -> bool:
        return reference.name in self.of_type(reference.type_url).by_name

    def __iter__(self) -> Iterator[Resource]:
        for of_type in self.by_type.values():
            yield from of_type.by_name.values()


_NOTHING = ResourceSet.of(())


def _duplicates(given: Mapping[TypeUrl, list[Resource]], built: Snapshot) -> Iterator[str]:
    for type_url, of_type in given.items():
        if len(of_type) > len(built.of_type(type_url).by_name):
            times = Counter(resource.name for resource in of_type)
            for name in (name for name, count in times.items() for _ in range(count - 1)):
                yield f"{Reference(type_url, name)} is defined twice"


def _dangling(given: Mapping[TypeUrl, list[Resource]], built: Snapshot) -> Iterator[str]:
    names = {type_url: built.of_type(type_url).by_name for type_url in TypeUrl}
    for resource in chain.from_iterable(given.values()):
        for missing in resource.references:
            if missing.name not in names[missing.type_url]:
                yield f"{resource.reference} names the {missing}, which does not exist"
