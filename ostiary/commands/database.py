"""`ostiary db`: the schema of the session store."""

import typer

from ostiary.commands.options import ConfigOption
from ostiary.commands.reading import NOT_RIGHT, read_or_exit
from ostiary.state import store_url
from session_store.open import migrate as migrate_store
from session_store.open import pending
from session_store.repository import StoreError

app = typer.Typer(help="Look after the session store's database.", no_args_is_help=True)


@app.command()
def migrate(config: ConfigOption) -> None:
    """Bring the database to this version's schema. Safe to repeat; SQLite is migrated by itself at every start."""
    file, loaded = read_or_exit(config)
    try:
        applied = migrate_store(store_url(file, loaded.model))
    except StoreError as error:
        typer.echo(f"the session store was not migrated: {error}", err=True)
        raise typer.Exit(NOT_RIGHT) from None
    typer.echo(f"applied {', '.join(applied)}" if applied else "nothing to do: the database has the newest schema")


@app.command()
def check(config: ConfigOption) -> None:
    """Tell whether the database has this version's schema. Exits with 0 if so, with 1 otherwise; changes nothing."""
    file, loaded = read_or_exit(config)
    try:
        waiting = pending(store_url(file, loaded.model))
    except StoreError as error:
        typer.echo(f"the session store cannot be used: {error}", err=True)
        raise typer.Exit(NOT_RIGHT) from None
    if waiting:
        typer.echo(f"{', '.join(waiting)} not applied yet: run `ostiary db migrate -c {config}`", err=True)
        raise typer.Exit(NOT_RIGHT)
    typer.echo("the database has the newest schema")
