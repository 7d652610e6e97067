"""The signed assertion: its header, its keys, the groups that it names."""

from datetime import timedelta

from access_model.load.headers import identity_header_name
from access_model.load.key_material import signing_keys
from access_model.load.problems import Report
from access_model.load.sources import Sources
from access_model.model import AssertionSettings
from access_model.schema import Settings

DEFAULT_HEADER = "x-pomerium-jwt-assertion"
SHORTEST_ROTATION = timedelta(hours=1)


def assertion(settings: Settings, sources: Sources, report: Report) -> AssertionSettings:
    """The assertion's settings."""
    header = report.attempt(("jwt_assertion_header",), identity_header_name, settings.jwt_assertion_header)
    key = sources.value(settings, "signing_key")
    return AssertionSettings(
        header=header or DEFAULT_HEADER,
        signing_key=key and report.attempt(key.path, signing_keys, key.text),
        groups_filter=tuple(settings.jwt_groups_filter),
        key_rotation=_key_rotation(settings, report, given_key=key is not None),
    )


def _key_rotation(settings: Settings, report: Report, *, given_key: bool) -> timedelta | None:
    given, path = settings.signing_key_rotation, ("signing_key_rotation",)
    if given_key and "signing_key_rotation" in settings.model_fields_set:
        message = "`signing_key` is given, and a key that is given is exchanged where it comes from"
        report.error(path, "given-twice", message, "leave one of them out")
    if given == timedelta(0):
        return None
    if given < SHORTEST_ROTATION:
        message = "verifiers have to learn a key before it signs, and to forget it afterwards"
        report.error(path, "bad-duration", message, "write `1h` or more, or `0` for never")
    return given
