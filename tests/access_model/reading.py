"""Reading configuration texts in tests: files and environment are dictionaries."""

from collections.abc import Mapping
from datetime import datetime
from textwrap import dedent

import pytest

from access_model.load import ConfigurationInvalid, Loaded, Problem, load

SIGN_IN = """\
address: 127.0.0.1:8443
authenticate_service_url: https://authenticate.example.com
idp_provider: oidc
idp_provider_url: https://id.example.com
idp_client_id: ostiary
"""
"""Five lines that a route for signed-in people needs; what a test adds begins in line 6."""

ROUTE = """\
routes:
  - from: https://app.example.com
    to: http://10.0.0.1:8080
    allow_any_authenticated_user: true
"""


def read(
    text: str,
    *,
    environment: Mapping[str, str] | None = None,
    files: Mapping[str, bytes] | None = None,
    now: datetime | None = None,
) -> Loaded:
    """Load a text that is to be valid."""

    def read_file(name: str) -> bytes:
        try:
            return (files or {})[name]
        except KeyError:
            raise FileNotFoundError(2, "No such file or directory", name) from None

    return load(dedent(text), source="ostiary.yaml", environment=environment or {}, read_file=read_file, now=now)


def problems_of(
    text: str, *, environment: Mapping[str, str] | None = None, files: Mapping[str, bytes] | None = None
) -> tuple[Problem, ...]:
    """Load a text that is to be refused, and return why."""
    with pytest.raises(ConfigurationInvalid) as caught:
        read(text, environment=environment, files=files)
    return caught.value.problems
