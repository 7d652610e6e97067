"""The `ostiary` command: one verb per service, and the operator's tools.

Exit codes: 0 done; 1 the configuration, or what was asked about, is not right; 2 the command line is not right;
3 a part could not be started or ended by itself. Verbs whose exit code is their answer say so in their help.
"""

import importlib.metadata
from typing import Annotated

import typer

from ostiary.commands import database, explain, keys, policy_test, serve, service_accounts, sessions, validate, xds

app = typer.Typer(
    name="ostiary",
    help=(
        "Identity-aware access proxy: Envoy carries the traffic, Ostiary decides who may pass.\n\n"
        "Start with `ostiary validate -c ostiary.yaml`, then `ostiary run -c ostiary.yaml`."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(serve.run)
app.command("extauthz")(serve.extauthz)
app.command("control-plane")(serve.control_plane)
app.command("validate")(validate.validate)
app.command("explain")(explain.explain)
app.command("test")(policy_test.run_tests)
app.add_typer(database.app, name="db")
app.add_typer(sessions.app, name="sessions")
app.add_typer(keys.app, name="keys")
app.add_typer(service_accounts.app, name="service-accounts")
app.add_typer(xds.app, name="xds")


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
