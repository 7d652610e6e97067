"""A whole configuration of one group of Envoys: consistent or refused whole, versioned by content."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from types import MappingProxyType
from typing import Self

from control_plane.snapshot.resource import Reference, Resource, content_version
from control_plane.snapshot.types import TypeUrl


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
    def of(cls, resources: Iterable[Resource]) -> Self:
        """Sort and version resources of one type, whose names are distinct."""
        by_name = {resource.name: resource for resource in sorted(resources, key=attrgetter("name"))}
        listing = "".join(f"{name}\0{resource.version}\n" for name, resource in by_name.items())
        return cls(MappingProxyType(by_name), content_version(listing.encode()))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one group of Envoys is to be served, of every type."""

    by_type: Mapping[str, ResourceSet]
    """The types that have resources; read-only, in push order."""
    version: str
    """Hash over the versions of the types."""

    @classmethod
    def build(cls, resources: Iterable[Resource]) -> Self:
        """Check and assemble resources, given in any order.

        Raises SnapshotInconsistent, naming everything at fault, if a name occurs twice within its
        type or a resource refers to one that is absent.
        """
        given = list(resources)
        problems = (*_duplicates(given), *_dangling(given))
        if problems:
            raise SnapshotInconsistent(tuple(sorted(problems)))
        by_type: dict[str, ResourceSet] = {
            type_url: ResourceSet.of(of_type)
            for type_url in TypeUrl
            if (of_type := [resource for resource in given if resource.type_url == type_url])
        }
        listing = "".join(f"{type_url}\0{of_type.version}\n" for type_url, of_type in by_type.items())
        return cls(MappingProxyType(by_type), content_version(listing.encode()))

    def of_type(self, type_url: str) -> ResourceSet:
        """All resources of a type; empty if there are none, or if the type is not one of ours."""
        return self.by_type.get(type_url, _NOTHING)

    def __contains__(self, reference: Reference) -> bool:
        return reference.name in self.of_type(reference.type_url).by_name

    def __iter__(self) -> Iterator[Resource]:
        for of_type in self.by_type.values():
            yield from of_type.by_name.values()


_NOTHING = ResourceSet.of(())


def _duplicates(resources: list[Resource]) -> Iterator[str]:
    seen: set[Reference] = set()
    for resource in resources:
        if resource.reference in seen:
            yield f"{resource.reference} is defined twice"
        seen.add(resource.reference)


def _dangling(resources: list[Resource]) -> Iterator[str]:
    served = {resource.reference for resource in resources}
    for resource in resources:
        for missing in resource.references - served:
            yield f"{resource.reference} names the {missing}, which does not exist"
