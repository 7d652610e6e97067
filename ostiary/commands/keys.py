"""`ostiary keys`: the keys that values are sealed with at rest."""

import typer

from ostiary.commands.options import ConfigOption
from ostiary.commands.stored import with_store
from session_store.repository import SessionStore

app = typer.Typer(help="Look after the keys that tokens are sealed with.", no_args_is_help=True)


@app.command()
def rewrap(config: ConfigOption) -> None:
    """Seal anew, with `shared_secret`, what `previous_shared_secret` has sealed in the store.

    To exchange the secret: make the old one `previous_shared_secret` and write the new one, restart every service, run
    this, then take `previous_shared_secret` out. Nobody is signed out. Safe to repeat, and while services run.
    """

    async def rewrapped(store: SessionStore) -> int:
        count = 0
        while batch := await store.rewrap():
            count += batch
        return count

    count = with_store(config, rewrapped)
    typer.echo(f"sealed {count} value{'' if count == 1 else 's'} anew" if count else "nothing to do")
