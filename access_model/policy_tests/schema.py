"""The keys of a policy test file."""

from datetime import datetime
from difflib import get_close_matches
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from access_model.policy import Reason
from access_model.schema.base import Keys
from access_model.schema.types import ClaimValues, Texts, shown

Expected = Literal["allow", "deny", "certificate", "login", "no-route", "refused", "cannot-tell", "own-endpoint"]
"""The outcomes, spelt as `ostiary explain` spells them."""


def _moment(value: Any) -> Any:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is not None and moment.tzinfo is not None:
        return moment
    raise PydanticCustomError(
        "bad-time",
        "`{given}` is not a time with its zone",
        {"given": shown(value), "remedy": "write `2030-01-31T09:00:00+01:00`"},
    )


def _address(value: Any) -> Any:
    try:
        return ip_address(value)
    except ValueError:
        remedy = "write `192.0.2.7` or `2001:db8::7`"
        raise PydanticCustomError(
            "bad-address", "`{given}` is not an address", {"given": shown(value), "remedy": remedy}
        ) from None


def _reason(value: Any) -> Any:
    if value in list(Reason):
        return Reason(value)
    nearest = next(iter(get_close_matches(str(value), list(Reason), n=1)), None)
    remedy = f"did you mean `{nearest}`?" if nearest else "`ostiary explain` shows the reasons of a decision"
    raise PydanticCustomError("unknown-reason", "`{given}` is no reason", {"given": shown(value), "remedy": remedy})


class PersonKeys(Keys):
    """One person."""

    id: str | None = Field(default=None, description="User id. Default: the name.")
    email: str = Field(default="", description="E-mail address.")
    groups: Texts | None = Field(
        default=None, description="Directory groups, by id or name. Default: those of the configuration's directory."
    )
    claims: ClaimValues = Field(default={}, description="Claims, each with its value or values.")


class CaseKeys(Keys):
    """One test: who asks, what for, and what is to come of it."""

    name: str = Field(default="", description="A sentence about it.")
    user: Texts = Field(default=[], description="Names of the people who ask, each by themselves. Default: a stranger.")
    request: Texts = Field(default=[], description="Method and absolute URL; several are asked one by one.")
    headers: dict[str, Texts] = Field(default={}, description="Headers of the request.")
    ip: Annotated[IPv4Address | IPv6Address, BeforeValidator(_address)] | None = Field(
        default=None, description="The client's address."
    )
    body: str = Field(default="", description="Body of the request, as of an MCP call. Default: none.")
    client_certificate: str = Field(
        default="",
        description="The client's certificate: a PEM file, named from where the test file is, which is judged as at the"
        " time of the request; or `trusted` for one that is, and says nothing else. Default: none.",
    )
    at: Annotated[datetime, BeforeValidator(_moment)] | None = Field(
        default=None, description="When it is asked. Default: now."
    )
    expect: Expected | None = Field(default=None, description="What is to come of it.")
    reasons: list[Annotated[Reason, BeforeValidator(_reason)]] = Field(
        default=[], description="Reasons that the decision must have, among others."
    )


class DocumentKeys(Keys):
    """A policy test file."""

    users: dict[str, PersonKeys] = Field(default={}, description="People by name.")
    tests: list[CaseKeys] = Field(default=[], description="The tests.")
