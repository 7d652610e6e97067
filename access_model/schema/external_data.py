"""The keys about data from outside: the directory, and records."""

from typing import Literal

from pydantic import Field

from access_model.schema.base import Keys
from access_model.schema.types import FileName

ForeignKey = Literal["user.id", "user.email", "request.ip", "request.client_certificate.fingerprint"]


class DirectoryFileKeys(Keys):
    """A directory in files."""

    users: FileName | None = Field(
        default=None,
        description="People: a JSON array, or CSV. `id` is the user id, or an e-mail address; `email`; `groups`, the"
        " ids of groups (in CSV with `;` between).",
        examples=["directory/users.csv"],
    )
    groups: FileName | None = Field(
        default=None,
        description="Groups, in the same form: `id` and `name`. Without it, groups are known by id alone.",
        examples=["directory/groups.json"],
    )


class DirectoryKeys(Keys):
    """Where groups come from."""

    file: DirectoryFileKeys | None = Field(
        default=None,
        description="Files, which are watched: a change counts at the next request, and one that is not right changes"
        " nothing.",
        examples=[{"users": "directory/users.csv", "groups": "directory/groups.json"}],
    )


class ExternalDataKeys(Keys):
    """One source of records, for the criterion `record`."""

    type: str | None = Field(
        default=None,
        description="What the records are called in policies. A zip bundle has a file for each type, named after it.",
        examples=["example.com/employee"],
    )
    file: FileName | None = Field(
        default=None,
        description="A JSON array, CSV (`….csv`), or a zip bundle of such files. Every record has an `id`. The file is"
        " watched: a change counts at the next request, and one that is not right changes nothing. Required.",
        examples=["data/employees.json"],
    )
    foreign_key: ForeignKey | None = Field(
        default=None,
        description="What about a request finds its record: the `id` is the user's id, their e-mail address, the"
        " SHA-256 fingerprint of the client certificate, or for `request.ip` a network, which may also stand in"
        " `$index.cidr` (the longest around the client's address counts). Required.",
    )
