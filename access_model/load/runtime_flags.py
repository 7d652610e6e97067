"""`runtime_flags`: switches by name. One has a key of its own here; the others switch the inner works of Pomerium."""

from access_model.load.problems import Report
from access_model.schema import Settings

JWT_ENDPOINT = "pomerium_jwt_endpoint"


def shows_assertion(settings: Settings, report: Report) -> bool:
    """Whether `/.pomerium/jwt` shows the assertion, as a key or as a flag. Warns of flags that switch nothing here."""
    for name in sorted(settings.runtime_flags.keys() - {JWT_ENDPOINT}):
        report.warn(("runtime_flags", name), "no-effect", f"there is nothing here that `{name}` switches", "remove it")
    return settings.pomerium_jwt_endpoint or settings.runtime_flags.get(JWT_ENDPOINT, False)
