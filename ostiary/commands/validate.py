"""`ostiary validate`: is this configuration file right?"""

import json
from dataclasses import asdict

import typer

from access_model.load import ConfigurationInvalid, Problem
from ostiary.commands.options import ConfigOption, JsonOption
from ostiary.commands.reading import NOT_RIGHT, read_or_exit, unreadable
from ostiary.configuration import ConfigurationFile


def validate(config: ConfigOption, as_json: JsonOption = False) -> None:
    """Check a configuration file and report every mistake at once, each with its line and what to do.

    Exits with 0 when the file can be used (warnings included), with 1 otherwise. Nothing that runs is touched.
    """
    if as_json:
        _validate_for_programs(config)
        return
    _file, loaded = read_or_exit(config)
    model = loaded.model
    count = len(model.routes)
    typer.echo(f"{config}: valid; {count} route{'' if count == 1 else 's'}, revision {model.revision}")


def _validate_for_programs(config: ConfigOption) -> None:
    file = ConfigurationFile(config)
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    message = ""
    try:
        warnings = file.read().warnings
    except ConfigurationInvalid as invalid:
        problems = invalid.problems
    except (OSError, UnicodeDecodeError) as error:
        message = unreadable(config, error)
    valid = not problems and not message
    answer: dict[str, object] = {
        "valid": valid,
        "errors": [asdict(problem) for problem in problems],
        "warnings": [asdict(warning) for warning in warnings],
    }
    typer.echo(json.dumps(answer | ({"message": message} if message else {}), indent=2))
    if not valid:
        raise typer.Exit(NOT_RIGHT)
