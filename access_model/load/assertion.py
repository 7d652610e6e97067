"""The signed assertion: its header, its keys, the groups that it names."""

from access_model.load.headers import identity_header_name
from access_model.load.key_material import signing_keys
from access_model.load.problems import Report
from access_model.load.sources import Sources
from access_model.model import AssertionSettings
from access_model.schema import Settings

DEFAULT_HEADER = "x-pomerium-jwt-assertion"


def assertion(settings: Settings, sources: Sources, report: Report) -> AssertionSettings:
    """The assertion's settings."""
    header = report.attempt(("jwt_assertion_header",), identity_header_name, settings.jwt_assertion_header)
    key = sources.value(settings, "signing_key")
    return AssertionSettings(
        header=header or DEFAULT_HEADER,
        signing_key=key and report.attempt(key.path, signing_keys, key.text),
        groups_filter=tuple(settings.jwt_groups_filter),
    )
