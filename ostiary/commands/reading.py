"""Reading the configuration on behalf of a command: problems are printed whole, and end it with code 1."""

import sys
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape

from access_model.load import ConfigurationInvalid, Loaded, Problem
from ostiary.configuration import ConfigurationFile

NOT_RIGHT = 1


def read_or_exit(path: Path, code: int = NOT_RIGHT) -> tuple[ConfigurationFile, Loaded]:
    """The file and what it says; its warnings are printed to standard error. `code` is the exit code without it."""
    file = ConfigurationFile(path)
    try:
        loaded = file.read()
    except ConfigurationInvalid as invalid:
        print_problems(invalid.problems)
        raise typer.Exit(code) from None
    except (OSError, UnicodeDecodeError) as error:
        typer.echo(unreadable(path, error), err=True)
        raise typer.Exit(code) from None
    if loaded.warnings:
        print_problems(loaded.warnings, kind="warning")
    return file, loaded


def unreadable(path: Path, error: OSError | UnicodeDecodeError) -> str:
    """What to say about a file that cannot be read."""
    reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
    return f"cannot read the configuration `{path}`: {reason}; name another one with -c FILE"


def print_problems(problems: Sequence[Problem], *, kind: str = "error") -> None:
    """Print problems to standard error, each with its place and remedy."""
    console = Console(stderr=True, soft_wrap=True, highlight=False, no_color=not sys.stderr.isatty())
    colour = "red" if kind == "error" else "yellow"
    for problem in problems:
        place = f"{problem.source}:{problem.line}" if problem.line else problem.source
        what = f"{problem.path}: {problem.message}" if problem.path else problem.message
        console.print(f"[bold]{escape(place)}[/]: [{colour}]{kind}[/]: {escape(what)}")
        if problem.remedy:
            console.print(f"    [dim]{escape(problem.remedy)}[/]")
    count = len(problems)
    console.print(f"{count} {kind}{'' if count == 1 else 's'}")
