"""The `ostiary` command: one verb per service, and the operator's tools.

Exit codes: 0 done; 1 the configuration, or what was asked about, is not right; 2 the command line is not right;
3 a part could not be started or ended by itself. Verbs whose exit code is their answer say so in their help.
"""

import importlib.metadata
from typing import Annotated

import typer

from ostiary.verbs import Verbs

app = typer.Typer(
    name="ostiary",
    cls=Verbs,
    help=(
        "Identity-aware access proxy: Envoy carries the traffic, Ostiary decides who may pass.\n\n"
        "Start with `ostiary validate -c ostiary.yaml`, then `ostiary run -c ostiary.yaml`."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"ostiary {importlib.metadata.version('ostiary')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Hold the options of the command itself."""


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
