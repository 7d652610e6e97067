"""The directory: whom it knows, and which groups they are in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from access_model.external_data.rows import DataInvalid, Row
from access_model.facts import Identity


@dataclass(frozen=True, slots=True)
class DirectoryUser:
    """One person."""

    id: str
    """User id, or the e-mail address where the directory knows no other."""
    email: str
    """E-mail address, or empty."""
    groups: tuple[str, ...]
    """Ids of their groups in the directory's order, then the names of those that have one."""


@dataclass(frozen=True, slots=True)
class Directory:
    """Everybody, by id."""

    users: Mapping[str, DirectoryUser] = field(default_factory=dict, repr=False)
    """User id to user."""

    def user_of(self, identity: Identity) -> DirectoryUser | None:
        """The entry of somebody signed in: that of the user id; else one that is kept under their e-mail address.

        An address counts as long as the provider does not say that it is not verified.
        """
        found = self.users.get(identity.user_id)
        if found is None and identity.email and identity.email_verified is not False:
            found = self.users.get(identity.email)
        return found

    def placed(self, identity: Identity) -> Identity:
        """Somebody signed in, with the groups and the address that the directory knows for them."""
        user = self.user_of(identity)
        if user is None:
            return identity
        if user.email in ("", identity.email):
            return replace(identity, groups=user.groups)
        return replace(identity, groups=user.groups, email=user.email, email_verified=None)

    def called(self, name: str) -> DirectoryUser | None:
        """The entry with this id or, failing that, this e-mail address; for people who ask about somebody."""
        return self.users.get(name) or next((user for user in self.users.values() if user.email == name), None)


def directory_of(users: Iterable[Row], groups: Iterable[Row]) -> Directory:
    """The directory of its rows. Raises `DataInvalid`.

    A user has `id`, `email`, and `groups` or `group_ids`: a list of ids, or in CSV a text of them with `,` or `;`
    between. A group has `id` and `name`.
    """
    names = {row["id"]: _text(row, "name") for row in groups}
    return Directory({row["id"]: _user(row, names) for row in users})


def _user(row: Row, names: Mapping[str, str]) -> DirectoryUser:
    ids = _group_ids(row)
    email = _text(row, "email") or (row["id"] if "@" in row["id"] else "")
    named = [names[each] for each in ids if names.get(each)]
    return DirectoryUser(row["id"], email, tuple(dict.fromkeys((*ids, *named))))


def _group_ids(row: Row) -> tuple[str, ...]:
    given = row.get("group_ids", row.get("groups")) or []
    if isinstance(given, str):
        given = given.replace(";", ",").split(",")
    if not isinstance(given, list) or not all(isinstance(each, str | int) for each in given):
        raise DataInvalid(f"the groups of the user `{row['id']}` are not a list of ids")
    return tuple(text for each in given if (text := str(each).strip()))


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise DataInvalid(f"the `{name}` of `{row['id']}` is not a text")
    return value.strip()
