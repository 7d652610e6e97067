"""`ostiary xds`: what Envoys are told."""

from typing import Annotated

import typer

from control_plane.bootstrap import BootstrapSettings, render_bootstrap
from ostiary.commands.options import ConfigOption
from ostiary.commands.reading import NOT_RIGHT, read_or_exit
from ostiary.installation import Installation
from ostiary.roots import split

app = typer.Typer(help="See what Envoys are told.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keep this a group of commands, however few there are."""


@app.command()
def bootstrap(
    config: ConfigOption,
    node_id: Annotated[str, typer.Option(help="Name of the Envoy; unique among those of one control plane.")] = "envoy",
    admin: Annotated[
        str, typer.Option(help="Address of Envoy's admin interface; it has no authentication, so keep it local.")
    ] = "127.0.0.1:9901",
) -> None:
    """Print the bootstrap for an Envoy of your own: it gets everything else from `services.xds_address`."""
    file, loaded = read_or_exit(config)
    try:
        where = split.addresses(Installation(file, loaded))
    except split.ServicesUnnamed as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(NOT_RIGHT) from None
    typer.echo(render_bootstrap(BootstrapSettings(node_id, "ostiary", where.xds, admin)))
