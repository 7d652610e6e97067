"""Step-up: a sign-in that has to prove more than the one before (OpenID Connect Core 1.0 section 3.1.2.1).

A policy asks for authentication context classes, for a recent sign-in, or for methods that no parameter can name; then
the provider is to ask the person anew. What comes back is compared with what was asked for, once: a provider that
answers as before ends the step-up with a refusal, and not with a loop. Pure.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from access_model.durations import duration_text
from access_model.policy import StepUp

ACR_VALUES = "acr_values"
MAX_AGE = "max_age"
PROMPT = "prompt"
LEEWAY = timedelta(seconds=60)

FlatClaims = Mapping[str, tuple[str, ...]]


def parameters(demand: StepUp) -> dict[str, str]:
    """The demand as parameters, named as those of an authorization request; they say all of it."""
    classes = {ACR_VALUES: " ".join(demand.acr_values)} if demand.acr_values else {}
    age = {MAX_AGE: str(int(demand.max_age.total_seconds()))} if demand.max_age is not None else {}
    return classes | age or {PROMPT: "login"}


def asked_of_provider(demand: StepUp) -> dict[str, str]:
    """The demand as parameters of the authorization request.

    A sign-in that is too old here must not count as recent enough there, where the clock is another and time has no
    fractions: so a minute less is asked for than will do.
    """
    if demand.max_age is None:
        return parameters(demand)
    return parameters(replace(demand, max_age=max(demand.max_age - LEEWAY, timedelta(0))))


def demand_of(params: Mapping[str, str]) -> StepUp | None:
    """The demand that was written as parameters; None where there is none."""
    if not params.keys() & {ACR_VALUES, MAX_AGE, PROMPT}:
        return None
    age = params.get(MAX_AGE)
    return StepUp(tuple(params.get(ACR_VALUES, "").split()), None if age is None else timedelta(seconds=int(age)))


def shortfall(demand: StepUp, claims: FlatClaims, before: FlatClaims | None, now: datetime) -> str:
    """What a new sign-in lacks of what was asked for, for the operator; empty when it lacks nothing.

    `claims` are those of the new ID token, `before` those of the sign-in that was not enough, where it is known.
    """
    named = ", ".join(claims.get("acr", ())) or "none"
    if demand.acr_values and not set(demand.acr_values).intersection(claims.get("acr", ())):
        return f"`acr` was to be one of {', '.join(demand.acr_values)}, and is {named}"
    if demand.max_age is not None:
        since = auth_time(claims)
        if since is None or now - since > demand.max_age:
            seen = since.isoformat() if since else "missing"
            return f"`auth_time` was to be at most {duration_text(demand.max_age)} ago, and is {seen}"
    if parameters(demand).keys() == {PROMPT} and before is not None and _manner(before) == _manner(claims):
        return f"the person was to sign in in another way, and did as before: `acr` {named}, `amr` {_methods(claims)}"
    return ""


def auth_time(claims: FlatClaims) -> datetime | None:
    """When the user last proved who they are: a NumericDate (RFC 7519 section 2); None for what is none."""
    try:
        return datetime.fromtimestamp(float(claims.get("auth_time", ())[0]), UTC)
    except (IndexError, ValueError, OverflowError, OSError):
        return None


def words(demand: StepUp) -> str:
    """The demand, for people."""
    classes = f"`acr` {' or '.join(demand.acr_values)}" if demand.acr_values else ""
    age = f"no longer than {duration_text(demand.max_age)} ago" if demand.max_age is not None else ""
    return ", ".join(part for part in (classes, age) if part) or "in another way"


def _manner(claims: FlatClaims) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(claims.get("acr", ())), frozenset(claims.get("amr", ()))


def _methods(claims: FlatClaims) -> str:
    return ", ".join(claims.get("amr", ())) or "none"
