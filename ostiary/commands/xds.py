"""`ostiary xds`: what Envoys are told, what a change would do, and what became of it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from ostiary.commands.envoy_bootstrap import bootstrap
from ostiary.commands.operators import ask_control_plane
from ostiary.commands.options import ConfigOption, JsonOption
from ostiary.commands.reading import read_or_exit
from ostiary.commands.rendering import as_yaml, differences, rendered
from ostiary.installation import Installation

app = typer.Typer(help="See what Envoys are told, and what became of it.", no_args_is_help=True)

AddressOption = Annotated[
    str | None,
    typer.Option(help="Operations listener of the control plane. Default: what the configuration file says."),
]


@app.callback()
def group() -> None:
    """Keep this a group of commands, however few there are."""


app.command("bootstrap")(bootstrap)


@app.command()
def render(config: ConfigOption, as_json: JsonOption = False) -> None:
    """Print what Envoys would be served, sorted, as YAML documents. Key material and passwords are left out."""
    documents = rendered(Installation(*read_or_exit(config)))
    typer.echo(json.dumps(documents, indent=2) if as_json else "---\n".join(map(as_yaml, documents)), nl=as_json)


@app.command()
def diff(
    config: ConfigOption,
    against: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Another configuration file, instead of the running control plane."),
    ] = None,
    address: AddressOption = None,
) -> None:
    """Print what would change in every Envoy if this file were put in force; nothing is."""
    installation = Installation(*read_or_exit(config))
    if against is not None:
        before, after = rendered(Installation(*read_or_exit(against))), rendered(installation)
    else:
        running = ask_control_plane(installation, "/xds", address)
        before = running["resources"]
        after = rendered(installation, check=running["check"], web=running["web"])
    lines = list(differences(before, after))
    typer.echo("\n".join(lines) if lines else "nothing would change")


@app.command()
def status(config: ConfigOption, as_json: JsonOption = False, address: AddressOption = None) -> None:
    """Show each Envoy of the running control plane: what it was sent, accepted and refused, and how long ago."""
    told = ask_control_plane(Installation(*read_or_exit(config)), "/status", address)
    if as_json:
        typer.echo(json.dumps(told, indent=2))
        return
    nodes = told["xds"]["nodes"]
    console = Console(soft_wrap=True, highlight=False)
    console.print(_table(nodes, datetime.now(UTC)) if nodes else "no Envoy has connected yet")
    for node in nodes:
        for name, record in node["types"].items():
            if record["nacked"] and _refused_last(record):
                console.print(f"{node['id']} refuses {name} {record['nacked']['version']}:", style="red")
                console.print(f"    {record['nacked']['message']}", markup=False)


def _table(nodes: list[dict[str, Any]], now: datetime) -> Table:
    table = Table("node", "envoy", "state", "type", "sent", "accepted", "refused", box=None)
    for node in nodes:
        state = "connected" if node["connected"] else "gone"
        for name, record in node["types"].items():
            cells = (_entry(record[key], now) for key in ("sent", "acked", "nacked"))
            table.add_row(node["id"], node["version"], state, name, *cells)
    return table


def _entry(entry: dict[str, Any] | None, now: datetime) -> str:
    if entry is None:
        return "-"
    age = int((now - datetime.fromisoformat(entry["at"])).total_seconds())
    return f"{entry['version'][:8]} {age} s ago"


def _refused_last(record: dict[str, Any]) -> bool:
    """Whether the refusal stands: nothing was accepted after it."""
    accepted = record["acked"]
    return accepted is None or bool(accepted["at"] < record["nacked"]["at"])
