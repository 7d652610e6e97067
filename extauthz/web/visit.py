"""What every endpoint gets: one request, looked at once, with the configuration of that moment."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from access_model.facts import ClientCertificate
from access_model.model import AccessModel
from access_model.reserved_headers import CLIENT_CERTIFICATE
from extauthz.limits import EXTERNAL_ADDRESS, read_address
from extauthz.pages import Page, Pages, new_nonce
from extauthz.served_hosts import base_urls
from extauthz.services import Current, Services

VISIT = "ostiary.visit"

PEM = "-----BEGIN "
HOME = "/.pomerium/"
SIGN_IN = "/.pomerium/?sign_in"
"""Signs in on any host of ours, and leads back to `HOME`."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to an endpoint of ours on a host that we serve."""

    request: Request
    """The request as Starlette sees it."""
    services: Services
    """The effects."""
    pages: Pages
    """The templates."""
    current: Current
    """Configuration and keys, taken once for the whole request."""
    host: str
    """Folded host without port; known to be served."""
    request_id: str
    """Ties log lines and error pages together."""
    now: datetime
    """When the request came in."""

    @property
    def client_address(self) -> IPv4Address | IPv6Address | None:
        """The client's address as Envoy tells it; None where it is not known."""
        told = self.request.headers.getlist(EXTERNAL_ADDRESS)
        return read_address(told[0]) if len(told) == 1 else None

    @property
    def client_certificate(self) -> ClientCertificate | None:
        """What the client has shown, as Envoy tells it; nobody has said that it may be trusted."""
        told = unquote(self.request.headers.get(CLIENT_CERTIFICATE, ""))
        return ClientCertificate(told, trusted=False, chain=told) if told.startswith(PEM) else None

    @property
    def model(self) -> AccessModel:
        """The access model of this request."""
        return self.current.model

    @property
    def base_url(self) -> str:
        """`https://host[:port]` as configured: no header but `Host` has a say in any URL of ours."""
        return base_urls(self.model, self.host)[0]

    @property
    def at_authenticate(self) -> bool:
        """Whether this is the host of the sign-in pages."""
        return self.host == self.model.authenticate.host

    def page(
        self,
        template: str,
        *,
        status: int = 200,
        form_targets: Sequence[str] | None = None,
        pictures: Sequence[str] = (),
        **context: object,
    ) -> Page:
        """Render a page; for `form_targets` and `pictures` see `Pages.render`."""
        return self.pages.render(
            template, status=status, nonce=self.nonce(), form_targets=form_targets, pictures=pictures, **context
        )

    def nonce(self) -> str:
        """A fresh nonce."""
        return new_nonce(self.services.entropy)


Handler = Callable[[Visit], Awaitable[Response]]


def endpoint(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Let Starlette call a handler; the gate has put the visit into the scope."""

    async def call(request: Request) -> Response:
        return await handler(visit_of(request))

    return call


def visit_of(request: Request) -> Visit:
    """The visit that the gate made of this request."""
    visit = request.scope[VISIT]
    assert isinstance(visit, Visit)
    return visit


def headers_of(request: Request) -> dict[str, tuple[str, ...]]:
    """Lower-case header name to all its values."""
    return {name: tuple(request.headers.getlist(name)) for name in request.headers}
