"""`ostiary validate`: is this configuration file right?"""

import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from access_model.load import ConfigurationInvalid, Problem
from control_plane.snapshot import Snapshot
from control_plane.translate import translate
from ostiary.commands.options import ConfigOption, JsonOption
from ostiary.commands.reading import NOT_RIGHT, read_or_exit, unreadable
from ostiary.commands.rendering import UNNAMED
from ostiary.configuration import ConfigurationFile
from ostiary.envoy_executable import EnvoyUnusable, find_envoy
from ostiary.envoy_validation import objection_of_envoy
from ostiary.external_data import DataUnusable, read_data
from ostiary.installation import Installation
from ostiary.places import places_of
from service_kit.local_ca import LocalCaUnusable

EnvoyOption = Annotated[
    bool, typer.Option("--envoy/--no-envoy", help="Have a real Envoy check the result, where there is one.")
]


def validate(config: ConfigOption, as_json: JsonOption = False, with_envoy: EnvoyOption = True) -> None:
    """Check a configuration file and report every mistake at once, each with its line and what to do.

    A file that is right is translated, and a real Envoy, where there is one, asked whether it would take the result.
    The files of the directory and of external data are read, too.
    Exits with 0 when the file can be used (warnings included), with 1 otherwise. Nothing that runs is touched.
    """
    if as_json:
        _validate_for_programs(config, with_envoy=with_envoy)
        return
    file, loaded = read_or_exit(config)
    model = loaded.model
    verdict = _verdict(Installation(file, loaded), with_envoy=with_envoy)
    if verdict.objection:
        typer.echo(f"{config}: cannot be served: {verdict.objection}", err=True)
        raise typer.Exit(NOT_RIGHT)
    count = len(model.routes)
    by_envoy = ", accepted by Envoy" if verdict.checked else ""
    typer.echo(f"{config}: valid{by_envoy}; {count} route{'' if count == 1 else 's'}, revision {model.revision}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the translation, and Envoy, say."""

    checked: bool
    """Whether there was an Envoy to ask."""
    objection: str = ""
    """What speaks against the configuration; empty for nothing."""


def _verdict(installation: Installation, *, with_envoy: bool) -> Verdict:
    try:
        read_data(installation.file, installation.model)
    except DataUnusable as unusable:
        return Verdict(checked=False, objection=str(unusable))
    if not with_envoy:
        return Verdict(checked=False)
    services = installation.model.services
    check, web = (services.check, services.web) if services else UNNAMED
    model = installation.model
    try:
        with tempfile.TemporaryDirectory(prefix="ostiary-") as folder:  # a local authority is tried out, not kept
            places = places_of(model, Path(folder), check=check, web=web)
        Snapshot.build(translate(model, places))
        objection = objection_of_envoy(find_envoy(model.envoy), model, places)
    except EnvoyUnusable:
        return Verdict(checked=False)
    except (ValueError, LocalCaUnusable) as error:
        return Verdict(checked=False, objection=str(error))
    return Verdict(checked=True, objection=objection and f"Envoy refuses it: {objection}")


def _validate_for_programs(config: ConfigOption, *, with_envoy: bool) -> None:
    file = ConfigurationFile(config)
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    message, verdict = "", Verdict(checked=False)
    try:
        loaded = file.read()
        warnings = loaded.warnings
        verdict = _verdict(Installation(file, loaded), with_envoy=with_envoy)
    except ConfigurationInvalid as invalid:
        problems = invalid.problems
    except (OSError, UnicodeDecodeError) as error:
        message = unreadable(config, error)
    message = message or verdict.objection
    valid = not problems and not message
    answer: dict[str, object] = {
        "valid": valid,
        "checked_by_envoy": verdict.checked,
        "errors": [asdict(problem) for problem in problems],
        "warnings": [asdict(warning) for warning in warnings],
    }
    typer.echo(json.dumps(answer | ({"message": message} if message else {}), indent=2))
    if not valid:
        raise typer.Exit(NOT_RIGHT)
