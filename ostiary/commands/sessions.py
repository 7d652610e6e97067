"""`ostiary sessions`: who is signed in, and ending that. What is ended here stops working on every replica at once."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from extauthz.sign_out.revoking import Revocation, revoke_tokens_of
from ostiary.commands.options import ConfigOption, JsonOption
from ostiary.commands.reading import NOT_RIGHT
from ostiary.commands.stored import with_installation, with_store
from ostiary.installation import Installation
from ostiary.roots.clock import utc_now
from ostiary.roots.provider_client import provider_client
from session_store.records import KnownSession, Selection
from session_store.repository import SessionStore

app = typer.Typer(help="See who is signed in, and end sessions.", no_args_is_help=True)

BATCH = 500
USAGE = 2

UserOption = Annotated[str | None, typer.Option("--user", help="Sessions of this user: id (`sub`) or e-mail address.")]
ProviderOption = Annotated[str | None, typer.Option("--provider", help="Sessions from this identity provider.")]


@app.command("list")
def list_sessions(
    config: ConfigOption, user: UserOption = None, provider: ProviderOption = None, as_json: JsonOption = False
) -> None:
    """List sessions, by id."""

    async def found(store: SessionStore) -> list[KnownSession]:
        sessions: list[KnownSession] = []
        while page := await store.select_sessions(Selection(None, user, provider), utc_now(), BATCH, _last(sessions)):
            sessions += page
        return sessions

    sessions = with_store(config, found)
    if as_json:
        typer.echo(json.dumps([_described(known) for known in sessions], indent=2))
        return
    table = Table("session", "user", "provider", "signed in", "last seen", "ends", "with", "from")
    for known in sessions:
        session = known.session
        times = (session.created, session.last_seen, session.ends)
        table.add_row(
            session.id,
            known.user.email or known.user.id,
            session.provider_id,
            *map(_minute, times),
            session.device,
            session.address,
        )
    Console(soft_wrap=True, highlight=False, width=240).print(table)
    typer.echo(f"{len(sessions)} session{'' if len(sessions) == 1 else 's'}")


@app.command()
def show(config: ConfigOption, session: Annotated[str, typer.Argument(help="The session's id.")]) -> None:
    """Show one session as JSON: everything but its tokens and cookies."""

    async def found(store: SessionStore) -> KnownSession | None:
        return next(iter(await store.select_sessions(Selection(session), utc_now())), None)

    known = with_store(config, found)
    if known is None:
        typer.echo(f"there is no session `{session}`: it has ended, or never was", err=True)
        raise typer.Exit(NOT_RIGHT)
    claims = {"claims": {**known.session.claims}, "profile": {**known.user.claims}}
    typer.echo(json.dumps({**_described(known), **claims}, indent=2))


@app.command()
def revoke(
    config: ConfigOption,
    session: Annotated[str | None, typer.Argument(help="The session's id.")] = None,
    user: UserOption = None,
    provider: ProviderOption = None,
    everyone: Annotated[bool, typer.Option("--all", help="Every session, service accounts too.")] = False,
) -> None:
    """End sessions: one by its id, or all of a user, of a provider (both: what both name), or --all.

    The identity provider is asked to revoke their tokens, for 20 seconds at most. Whoever is signed in there still can
    sign in here again.
    """
    which = Selection(session, user, provider)
    if everyone == (which != Selection()):
        typer.echo("say which sessions: an id, --user, --provider, or --all by itself", err=True)
        raise typer.Exit(USAGE)

    async def end(installation: Installation, store: SessionStore) -> int:
        ended: list[KnownSession] = []
        while batch := await store.end_selected(which, utc_now(), BATCH):
            ended += batch
        typer.echo(_sessions("ended", len(ended)))
        _tell(await _revoked(installation, ended))
        return len(ended)

    if with_installation(config, end) == 0:
        raise typer.Exit(NOT_RIGHT)


async def _revoked(installation: Installation, ended: Sequence[KnownSession]) -> Revocation:
    client = provider_client(installation.shared_secret(), lambda: installation.model.authorities_pem)
    try:
        return await revoke_tokens_of(client, installation.model, ended)
    finally:
        await client.aclose()


def _tell(revocation: Revocation) -> None:
    """Say what came of the tokens. It is no failure of the command: the sessions are over."""
    if revocation.revoked:
        typer.echo(_sessions("had the identity provider revoke the tokens of", revocation.revoked), err=True)
    if revocation.failed:
        text = _sessions("the identity provider did not revoke the tokens of", revocation.failed)
        typer.echo(f"{text}: {'; '.join(revocation.problems)}", err=True)


def _sessions(verb: str, count: int) -> str:
    return f"{verb} {count} session{'' if count == 1 else 's'}"


def _described(known: KnownSession) -> dict[str, Any]:
    session, user = known.session, known.user
    return {
        "id": session.id,
        "user": user.id,
        "email": user.email,
        "name": user.name,
        "issuer": session.issuer,
        "provider": session.provider_id,
        "created": session.created.isoformat(),
        "last_seen": session.last_seen.isoformat(),
        "ends": session.ends.isoformat(),
        "device": session.device,
        "address": session.address,
    }


def _last(sessions: list[KnownSession]) -> str:
    return sessions[-1].session.id if sessions else ""


def _minute(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M")
