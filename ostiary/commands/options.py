"""Options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path,
    typer.Option(
        "--config", "-c", metavar="FILE", envvar="OSTIARY_CONFIG", help="The configuration file (YAML or JSON)."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
