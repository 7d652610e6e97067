"""Somebody signed in, made of their words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from access_model.external_data import Directory
from access_model.facts import Identity

Claims = Mapping[str, Sequence[str]]
"""Claim to its values; nested claims are written `a.b`."""


class NotAClaim(ValueError):
    """A claim that decides something has a value that it cannot have; the message says which, for people."""

    code = "not-a-claim"


def person(user: str, *, email: str = "", groups: Iterable[str] = (), claims: Claims | None = None) -> Identity:
    """Who a session of this user would belong to. Raises `NotAClaim`.

    `user` is the user id; when it looks like an address and no other is given, it is the e-mail address as well. The
    claims `email_verified`, `name`, `acr`, `amr` and `auth_time` mean what they mean at a sign-in.
    """
    given = {name: tuple(values) for name, values in (claims or {}).items()}
    first = {name: values[0] for name, values in given.items() if values}
    return Identity(
        user_id=user,
        session_id="rehearsed",
        email=email or first.get("email", "") or (user if "@" in user else ""),
        email_verified=_truth(first.get("email_verified")),
        name=first.get("name", ""),
        groups=tuple(groups),
        session_claims=given,
        user_claims=given,
        acr=first.get("acr", ""),
        amr=given.get("amr", ()),
        authenticated_at=_instant(first.get("auth_time")),
    )


def placed(identity: Identity, directory: Directory | None) -> Identity:
    """Somebody as the directory knows them, unless they were given groups.

    Where the directory has no user of their id, one of their e-mail address will do: whoever asks about somebody seldom
    knows what the provider calls them.
    """
    if directory is None or identity.groups:
        return identity
    if directory.user_of(identity) is None and (user := directory.called(identity.email or identity.user_id)):
        identity = replace(identity, user_id=user.id)
    return directory.placed(identity)


def _truth(text: str | None) -> bool | None:
    if text in (None, "true", "false"):
        return None if text is None else text == "true"
    raise NotAClaim(f"the claim `email_verified` is `true` or `false`, not `{text}`")


def _instant(text: str | None) -> datetime | None:
    """A time as providers write it, in seconds since 1970, or in ISO 8601 with its zone."""
    if text is None:
        return None
    try:
        moment = datetime.fromtimestamp(int(text), UTC) if text.isdigit() else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise NotAClaim(f"the claim `auth_time` is a time such as `2030-01-31T09:00:00Z`, not `{text}`")
    return moment
