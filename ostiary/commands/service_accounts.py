"""`ostiary service-accounts`: identities for programs."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from access_model.keys import Purpose, derive_key
from access_model.schema.types import parse_duration
from extauthz.programs.service_account import (
    ID_BYTES,
    SERVICE_ACCOUNT,
    TOKEN_BYTES,
    Wanted,
    new_service_account,
)
from ostiary.commands.options import ConfigOption
from ostiary.commands.reading import NOT_RIGHT, read_or_exit
from ostiary.installation import Installation
from ostiary.state import StateUnusable
from session_store.open import open_store
from session_store.records import Selection
from session_store.repository import SessionStore, StoreError
from session_store.sealing import Sealer

Result = TypeVar("Result")

app = typer.Typer(
    help="Give programs an identity: create accounts with a token, list them, revoke them.", no_args_is_help=True
)


@app.command()
def create(
    config: ConfigOption,
    *,
    user: Annotated[str, typer.Option(help="User id: what policies and the assertion's `sub` see.")],
    expires: Annotated[str, typer.Option(help="How long it lasts, as `720h`, or when it ends, as `2027-01-31`.")],
    email: Annotated[str, typer.Option(help="Its e-mail address, which counts as verified.")] = "",
    name: Annotated[str, typer.Option(help="Its display name.")] = "",
    group: Annotated[list[str] | None, typer.Option(help="A group it is in; may be given more than once.")] = None,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
) -> None:
    """Create an account and print its token, which is shown this once: the store keeps its hash.

    Programs send it as `Authorization: Pomerium TOKEN` or `X-Pomerium-Authorization: TOKEN`.
    """
    now = datetime.now(UTC)
    wanted = Wanted(user, _end(expires, now), email, name, group or (), description)
    try:
        account = new_service_account(wanted, secrets.token_bytes(ID_BYTES), secrets.token_bytes(TOKEN_BYTES), now)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    _with_store(config, lambda store: store.save_sign_in(account.session, account.user, account.handle))
    typer.echo(f"service account {account.session.id} ends at {account.session.expires:%Y-%m-%dT%H:%M:%SZ}", err=True)
    typer.echo(account.token)


@app.command("list")
def list_accounts(config: ConfigOption) -> None:
    """List the accounts: id, user, when made, when last used, when they end, what for."""
    which, now = Selection(provider_id=SERVICE_ACCOUNT), datetime.now(UTC)
    found = _with_store(config, lambda store: store.select_sessions(which, now, 10_000))
    for known in found:
        session = known.session
        times = (f"{each:%Y-%m-%dT%H:%MZ}" for each in (session.created, session.last_seen, session.expires))
        typer.echo("\t".join((session.id, session.user_id, *times, *session.claims.get("description", ()))))
    if not found:
        typer.echo("there are no service accounts", err=True)


@app.command()
def revoke(config: ConfigOption, account: Annotated[str, typer.Argument(help="The account's id.")]) -> None:
    """Revoke an account: within a second its token opens nothing, on every replica."""
    which, now = Selection(session_id=account, provider_id=SERVICE_ACCOUNT), datetime.now(UTC)
    if not _with_store(config, lambda store: store.end_selected(which, now)):
        typer.echo(f"there is no service account `{account}`: `ostiary service-accounts list` shows them", err=True)
        raise typer.Exit(NOT_RIGHT)
    typer.echo(f"service account {account} is revoked")


def _end(text: str, now: datetime) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if "-" in text else now + _duration(text)
    except ValueError:
        raise typer.BadParameter(
            f"`{text}` is neither a duration such as `720h` nor a date such as `2027-01-31`"
        ) from None


def _duration(text: str) -> timedelta:
    days = text.removesuffix("d")
    return timedelta(days=int(days)) if days != text and days.isdecimal() else parse_duration(text)


def _with_store(config: Path, use: Callable[[SessionStore], Awaitable[Result]]) -> Result:
    """Do something with the store of a configuration."""
    file, loaded = read_or_exit(config)
    try:
        return asyncio.run(_use(Installation(file, loaded), use))
    except (StoreError, StateUnusable) as error:
        typer.echo(f"the session store cannot be used: {error}", err=True)
        raise typer.Exit(NOT_RIGHT) from None


async def _use(installation: Installation, use: Callable[[SessionStore], Awaitable[Result]]) -> Result:
    sealer = Sealer.single(derive_key(installation.shared_secret(), Purpose.STORE_AT_REST))
    store = await open_store(installation.store_url, sealer=sealer, entropy=secrets.token_bytes)
    try:
        return await use(store)
    finally:
        await store.close()
