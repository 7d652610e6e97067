"""`ostiary explain`: what would happen to a request, and why."""

import asyncio
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Annotated

import typer

from access_model.external_data import Directory
from access_model.facts import Identity
from extauthz.credentials import identity_of
from extauthz.decide import Known
from extauthz.judged_certificates import JudgedCertificates
from extauthz.rehearsal import NotAClaim, NotARequest, Outcome, Rehearsal, person, placed, rehearse, request
from ostiary.commands.client_certificate import NotACertificate, read_client_certificate
from ostiary.commands.explanation_text import as_json, print_rehearsal
from ostiary.commands.options import ConfigOption, JsonOption
from ostiary.commands.reading import read_or_exit
from ostiary.external_data import DataUnusable, read_data
from ostiary.installation import Installation
from ostiary.roots.clock import utc_now
from ostiary.roots.reading_sessions import find_session
from ostiary.state import StateUnusable
from session_store.repository import StoreError

NO_ANSWER = 3
"""Exit code where the question cannot be answered: the others tell the answer."""
EXIT_CODES = {Outcome.ALLOW: 0, Outcome.OWN: 0, Outcome.LOGIN: 2}
"""Exit code of each outcome; 1 for all others."""


class NotAnOption(ValueError):
    """An option that cannot be read; the message says which and what to write."""


def explain(
    config: ConfigOption,
    method: Annotated[str, typer.Argument(metavar="METHOD", help="The request's method, as in `GET`.")],
    url: Annotated[str, typer.Argument(metavar="URL", help="The request's absolute URL.")],
    *,
    user: Annotated[
        str | None, typer.Option(help="User id or e-mail address of who asks. Left out: nobody is signed in.")
    ] = None,
    groups: Annotated[
        list[str] | None,
        typer.Option(
            help="Directory group of the user, by id or name; may be repeated. Default: what the directory says."
        ),
    ] = None,
    claim: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Claim of the user; may be repeated.")
    ] = None,
    header: Annotated[
        list[str] | None, typer.Option(metavar="NAME: VALUE", help="Header of the request; may be repeated.")
    ] = None,
    body: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Body of the request, as of an MCP call; `@FILE` reads it.")
    ] = None,
    client_cert: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The client's certificate, PEM, with what it sends along. It needs no key."),
    ] = None,
    ip: Annotated[str | None, typer.Option(metavar="ADDRESS", help="The client's address.")] = None,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When it is asked, ISO 8601; UTC without a zone. Default: now.")
    ] = None,
    session: Annotated[
        str | None, typer.Option(metavar="ID", help="A session of the store, instead of --user and what goes with it.")
    ] = None,
    as_json_: JsonOption = False,
) -> None:
    """Tell what would happen to a request, and why: route, decision, and every criterion with its outcome.

    For a refusal it also tells which criteria said no, and what would have said yes. Exits with 0 if the request would
    be allowed, with 1 if it would be refused, with 2 if the client would have to sign in, with 3 if that cannot be
    told. Nothing that runs is asked or touched.
    """
    file, loaded = read_or_exit(config, NO_ANSWER)
    try:
        installation = Installation(file, loaded)
        data, _ = read_data(file, loaded.model)
        now = _moment(at) if at else utc_now()
        sent = request(
            method,
            url,
            headers=_pairs(header, ":", "--header"),
            address=_address(ip),
            body=_body(body),
            certificate=read_client_certificate(client_cert) if client_cert else None,
        )
        facts = JudgedCertificates().applied(sent, loaded.model, now)
        identity = (
            _of_options(user, groups, claim, data.directory)
            if session is None
            else _of_session(installation, session, now, data.directory, alone=not (user or groups or claim))
        )
    except (NotAnOption, NotACertificate, NotAClaim, NotARequest, DataUnusable, StateUnusable, StoreError) as error:
        typer.echo(f"cannot explain this: {error}", err=True)
        raise typer.Exit(NO_ANSWER) from None
    _answer(rehearse(facts, Known(identity, records=data.records), loaded.model, now), for_programs=as_json_)


def _answer(rehearsal: Rehearsal, *, for_programs: bool) -> None:
    if for_programs:
        typer.echo(json.dumps(as_json(rehearsal), indent=2))
    else:
        print_rehearsal(rehearsal)
    raise typer.Exit(EXIT_CODES.get(rehearsal.outcome, 1))


def _of_options(
    user: str | None, groups: list[str] | None, claim: list[str] | None, directory: Directory | None
) -> Identity | None:
    if user is None:
        if groups or claim:
            raise NotAnOption("groups and claims belong to somebody: add --user")
        return None
    if not user:
        raise NotAnOption("--user is empty: leave it out for a stranger")
    claims: dict[str, list[str]] = {}
    for name, value in _pairs(claim, "=", "--claim"):
        claims.setdefault(name, []).append(value)
    return placed(person(user, groups=groups or (), claims=claims), directory)


def _of_session(
    installation: Installation, session_id: str, now: datetime, directory: Directory | None, *, alone: bool
) -> Identity:
    if not alone:
        raise NotAnOption("--session says who asks: leave out --user, --groups and --claim")
    known = asyncio.run(find_session(installation, session_id, now))
    if known is None:
        raise NotAnOption(f"the store has no session `{session_id}`, or it has ended")
    return identity_of(known, directory)


def _pairs(given: Iterable[str] | None, separator: str, option: str) -> list[tuple[str, str]]:
    pairs = [each.partition(separator) for each in given or ()]
    for name, found, _ in pairs:
        if not name.strip() or not found:
            raise NotAnOption(f"{option} `{name}` has no `{separator}`: write the name before it and the value behind")
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def _body(text: str | None) -> bytes:
    if text is None or not text.startswith("@"):
        return (text or "").encode()
    try:
        return Path(text[1:]).read_bytes()
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise NotAnOption(f"--body `{text}` names a file that cannot be read: {reason}") from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NotAnOption(f"--at `{text}` is not a time: write `2030-01-31T09:00:00+01:00`") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _address(text: str | None) -> IPv4Address | IPv6Address | None:
    try:
        return None if text is None else ip_address(text)
    except ValueError:
        raise NotAnOption(f"--ip `{text}` is not an address: write `192.0.2.7` or `2001:db8::7`") from None
