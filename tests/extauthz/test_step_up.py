"""Step-up, without a browser: what is asked for, and what is lacking of it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from access_model.policy import StepUp
from extauthz.step_up import demand_of, parameters, shortfall, words

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
CLASSES = StepUp(("mfa", "phr"))
RECENT = StepUp(max_age=timedelta(minutes=15))
BOTH = StepUp(("mfa",), timedelta(hours=1))
OTHERWISE = StepUp()

Claims = Mapping[str, tuple[str, ...]]


@pytest.mark.parametrize(
    ("demand", "asked"),
    [
        (CLASSES, {"acr_values": "mfa phr"}),
        (RECENT, {"max_age": "900"}),
        (BOTH, {"acr_values": "mfa", "max_age": "3600"}),
        (OTHERWISE, {"prompt": "login"}),
    ],
)
def test_a_demand_is_asked_for_and_read_again(demand: StepUp, asked: dict[str, str]) -> None:
    assert parameters(demand) == asked
    assert demand_of({"pomerium_redirect_uri": "x", **asked}) == demand


def test_no_demand_is_read_where_there_is_none() -> None:
    assert demand_of({"pomerium_redirect_uri": "x"}) is None


def _since(seconds: float) -> Claims:
    return {"auth_time": (str(int(NOW.timestamp() - seconds)),)}


@pytest.mark.parametrize(
    ("demand", "claims", "before", "lacking"),
    [
        (CLASSES, {"acr": ("phr",)}, {}, ""),
        (CLASSES, {"acr": ("pwd",)}, {}, "`acr` was to be one of mfa, phr, and is pwd"),
        (CLASSES, {}, {"acr": ("mfa",)}, "`acr` was to be one of mfa, phr, and is none"),
        (RECENT, _since(900), {}, ""),
        (RECENT, _since(901), {}, "`auth_time` was to be at most 15m ago"),
        (RECENT, {}, {}, "is missing"),
        (RECENT, {"auth_time": ("yesterday",)}, {}, "is missing"),
        (BOTH, {"acr": ("mfa",), **_since(10)}, {}, ""),
        (BOTH, {"acr": ("mfa",), **_since(7200)}, {}, "`auth_time`"),
        (BOTH, _since(10), {}, "`acr`"),
        (OTHERWISE, {"amr": ("pwd",)}, {"amr": ("pwd",)}, "did as before: `acr` none, `amr` pwd"),
        (OTHERWISE, {"amr": ("otp", "pwd")}, {"amr": ("pwd", "otp")}, "did as before"),
        (OTHERWISE, {"amr": ("pwd", "otp")}, {"amr": ("pwd",)}, ""),
        (OTHERWISE, {"acr": ("phrh",), "amr": ("pwd",)}, {"amr": ("pwd",)}, ""),
        (OTHERWISE, {"amr": ("pwd",)}, None, ""),
    ],
)
def test_what_a_new_sign_in_lacks(demand: StepUp, claims: Claims, before: Claims | None, lacking: str) -> None:
    found = shortfall(demand, claims, before, NOW)
    assert lacking in found
    assert bool(found) is bool(lacking)


def test_a_demand_is_said_in_words() -> None:
    assert words(BOTH) == "`acr` mfa, no longer than 1h ago"
    assert words(OTHERWISE) == "in another way"
