"""`ostiary xds bootstrap`: what an Envoy of the operator's own starts with."""

from pathlib import Path
from typing import Annotated

import typer

from control_plane.bootstrap import BootstrapSettings, render_bootstrap
from control_plane.envoy_identity import AUTHORITY, CHAIN, KEY, identity_files
from control_plane.translate.addresses import UnusableAddress
from ostiary.commands.options import ConfigOption
from ostiary.commands.reading import NOT_RIGHT, read_or_exit
from ostiary.installation import Installation
from ostiary.places import envoy_folder_of
from ostiary.roots import split

NodeOption = Annotated[str, typer.Option(help="Name of the Envoy; unique among those of one control plane.")]
GroupOption = Annotated[str, typer.Option(help="Group of Envoys that it is of (`xds_resources`).")]
AdminOption = Annotated[
    str, typer.Option(help="Address of Envoy's admin interface; it has no authentication, so keep it local.")
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER", help="Write `bootstrap.json` there, and with `services.tls` what it needs beside it."
    ),
]


def bootstrap(
    config: ConfigOption,
    node_id: NodeOption = "envoy",
    group: GroupOption = "ostiary",
    admin: AdminOption = "127.0.0.1:9901",
    output: OutputOption = None,
) -> None:
    """Print the bootstrap for an Envoy of your own: it gets everything else from `services.xds_address`.

    With `services.tls` the Envoy also needs files that say where its certificate lies: use `--output`, and copy what
    is written there to the Envoy's `services.tls.envoy_folder`. Nothing of it is secret.
    """
    installation = Installation(*read_or_exit(config))
    folder = envoy_folder_of(installation.model)
    try:
        where = split.addresses(installation)
        text = render_bootstrap(BootstrapSettings(node_id, group, where.xds, admin, envoy_folder=folder))
    except (split.ServicesUnnamed, UnusableAddress) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(NOT_RIGHT) from None
    if output is None:
        typer.echo(text)
        return
    _write(output, {"bootstrap.json": text, **(identity_files(folder) if folder else {})})
    if folder:
        typer.echo(f"copy it to `{folder}` on the Envoy's machine, with `{CHAIN}`, `{KEY}` and `{AUTHORITY}` beside it")


def _write(folder: Path, files: dict[str, str]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        typer.echo(f"`{folder}` cannot be written: {error.strerror}", err=True)
        raise typer.Exit(NOT_RIGHT) from None
    typer.echo(f"wrote {', '.join(f'`{folder / name}`' for name in files)}")
