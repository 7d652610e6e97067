"""What a configuration file would have Envoys served, as text: sorted YAML, secrets redacted."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import unified_diff
from typing import Any

import typer
import yaml

from control_plane.readable import redacted
from control_plane.snapshot import Snapshot
from control_plane.translate import translate
from ostiary.commands.reading import NOT_RIGHT
from ostiary.installation import Installation
from ostiary.places import places_of
from service_kit.local_ca import LocalCaUnusable

UNNAMED = ("unix:///run/ostiary/check.sock", "unix:///run/ostiary/web.sock")
"""Stands for the addresses that `ostiary run` chooses at its start."""
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

Document = Mapping[str, Any]


def rendered(installation: Installation, *, check: str | None = None, web: str | None = None) -> list[Document]:
    """Every resource, sorted by type and name; exits when the configuration cannot be served."""
    services = installation.model.services
    check = check or (services.check if services else UNNAMED[0])
    web = web or (services.web if services else UNNAMED[1])
    try:
        places = places_of(installation.model, installation.state_folder, check=check, web=web)
        return [redacted(resource) for resource in Snapshot.build(translate(installation.model, places))]
    except (ValueError, LocalCaUnusable) as error:
        typer.echo(f"this configuration cannot be served: {error}", err=True)
        raise typer.Exit(NOT_RIGHT) from None


def as_yaml(document: Document) -> str:
    """One resource."""
    text: str = yaml.dump(dict(document), Dumper=_DUMPER, sort_keys=False, width=120, allow_unicode=True)
    return text


def differences(before: Iterable[Document], after: Iterable[Document]) -> Iterator[str]:
    """What turns one into the other, as unified diffs of single resources, sorted; lines without line breaks."""
    old, new = _by_identity(before), _by_identity(after)
    for identity in sorted(old.keys() | new.keys()):
        was, becomes = old.get(identity), new.get(identity)
        if was != becomes:
            name = " ".join(identity)
            yield from unified_diff(
                as_yaml(was).splitlines() if was else [],
                as_yaml(becomes).splitlines() if becomes else [],
                f"{name} (before)" if was else "/dev/null",
                f"{name} (after)" if becomes else "/dev/null",
                lineterm="",
            )


def _by_identity(documents: Iterable[Document]) -> dict[tuple[str, str], Document]:
    return {(each["@type"].rpartition(".")[2], _name(each)): each for each in documents}


def _name(document: Document) -> str:
    return str(document.get("name") or document.get("cluster_name") or "")
