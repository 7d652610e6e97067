"""The configuration reference in docs/ is what the schema generates."""

from pathlib import Path

from access_model.load.overrides import overridable
from access_model.reference import reference
from access_model.schema import RouteKeys, Settings, not_yet

COMMITTED = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_the_committed_reference_is_the_generated_one() -> None:
    assert COMMITTED.read_text() == reference(), "run: python -m access_model.reference > docs/configuration.md"


def test_every_key_says_what_it_is_for() -> None:
    for group in (Settings, RouteKeys):
        assert all(field.description and field.description.endswith(".") for field in group.model_fields.values())


def test_no_key_is_both_supported_and_not() -> None:
    assert not_yet.GLOBAL.isdisjoint(Settings.model_fields)
    assert not_yet.ROUTE.isdisjoint(field.alias or name for name, field in RouteKeys.model_fields.items())


def test_structured_keys_have_no_variable() -> None:
    assert {"shared_secret", "address", "cookie_expire", "insecure_server", "log_level"} <= set(overridable())
    assert {"routes", "certificates", "envoy", "services", "idp_scopes", "jwt_claims_headers"}.isdisjoint(overridable())
