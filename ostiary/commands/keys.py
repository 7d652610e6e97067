"""`ostiary keys`: the keys that sign assertions, and those that values are sealed with at rest."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from extauthz.assertion.rotation import exchanged, kept_up, may_sign_from, signing_order
from ostiary.commands.options import ConfigOption, JsonOption
from ostiary.commands.reading import NOT_RIGHT, read_or_exit
from ostiary.commands.stored import with_store
from ostiary.roots.clock import utc_now
from session_store.key_generation import generate_signing_key
from session_store.records import KeyPhase, SigningKey
from session_store.repository import SessionStore

app = typer.Typer(
    help="Look after the keys that assertions are signed with, and tokens are sealed with.", no_args_is_help=True
)


@app.command("list")
def list_keys(config: ConfigOption, as_json: JsonOption = False) -> None:
    """List the keys that sign assertions, as they are published: current, next, previous.

    Where the configuration gives a `signing_key`, that one signs, and none of these is used.
    """

    async def kept(store: SessionStore) -> Sequence[SigningKey]:
        return signing_order(await store.signing_keys())

    keys = with_store(config, kept)
    if as_json:
        typer.echo(json.dumps([_described(key) for key in keys], indent=2))
        return
    table = Table("key id", "phase", "published", "signs from", "withdrawn")
    for key in keys:
        table.add_row(key.kid, key.phase, *map(_minute, (key.created, key.signs_from, key.withdrawn)))
    Console(soft_wrap=True, highlight=False, width=160).print(table)


@app.command()
def rotate(
    config: ConfigOption,
    now: Annotated[bool, typer.Option("--now", help="Withdraw the old key at once: it has leaked.")] = False,
) -> None:
    """Have the next key sign from now on, on every replica. Nothing is restarted, and no request fails.

    The old key stays published until what it has signed has run out. With --now it is withdrawn at once: assertions
    that it signed stop verifying as soon as applications ask for the keys again (after a minute at most).
    """
    _, loaded = read_or_exit(config)
    if loaded.model.assertion.signing_key is not None:
        typer.echo("`signing_key` of the configuration signs: put a new key before the old one there", err=True)
        raise typer.Exit(NOT_RIGHT)
    at = utc_now()
    before, after = with_store(config, lambda store: _exchange(store, at, leaked=now))
    signs = _current(after)
    if signs == _current(before):
        ready = may_sign_from(after) or at
        typer.echo(
            f"nothing has changed, `{signs}` goes on signing: verifiers do not surely know the next key before"
            f" {ready:%Y-%m-%d %H:%M:%S} UTC and would refuse what it signs; run this again then",
            err=True,
        )
        raise typer.Exit(NOT_RIGHT)
    typer.echo(f"`{signs}` signs from now on")


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


async def _exchange(
    store: SessionStore, now: datetime, *, leaked: bool
) -> tuple[Sequence[SigningKey], Sequence[SigningKey]]:
    """The keys before, complete, and after the exchange."""

    def fresh() -> SigningKey:
        return generate_signing_key(now)

    before = await store.change_signing_keys(lambda keys: kept_up(keys, now, fresh, None), now)
    return before, await store.change_signing_keys(lambda keys: exchanged(keys, now, fresh, leaked=leaked), now)


def _current(keys: Sequence[SigningKey]) -> str:
    return next(key.kid for key in keys if key.phase is KeyPhase.CURRENT)


def _described(key: SigningKey) -> dict[str, str | None]:
    times = {"published": key.created, "signs_from": key.signs_from, "withdrawn": key.withdrawn}
    return {"kid": key.kid, "phase": key.phase, **{name: at.isoformat() if at else None for name, at in times.items()}}


def _minute(time: datetime | None) -> str:
    return "" if time is None else time.strftime("%Y-%m-%d %H:%M")
