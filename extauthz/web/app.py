"""The application: which endpoint answers which path. Configuration is looked at anew for every request."""

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from extauthz.limits import Attempt
from extauthz.pages import Pages
from extauthz.services import Services
from extauthz.web.assertion_token import assertion_token
from extauthz.web.backchannel_logout import backchannel_logout
from extauthz.web.client_keys import client_keys
from extauthz.web.discovery import discovery
from extauthz.web.failures import unroutable
from extauthz.web.front import front, robots
from extauthz.web.gate import Gate
from extauthz.web.join import join
from extauthz.web.jwks import jwks
from extauthz.web.limited import limited
from extauthz.web.liveness import alive
from extauthz.web.own_sessions import own_sessions
from extauthz.web.portal import portal_list, portal_page
from extauthz.web.programmatic_login import programmatic_login
from extauthz.web.provider_callback import provider_callback
from extauthz.web.route_callback import route_callback
from extauthz.web.sign_in import sign_in
from extauthz.web.sign_out import sign_out
from extauthz.web.signed_out import signed_out
from extauthz.web.user_claims import user_claims
from extauthz.web.user_page import user_page, without_slash
from extauthz.web.visit import Handler, Visit, endpoint, visit_of

READ = ("GET",)
"""GET, and with it HEAD."""
READ_OR_POST = ("GET", "POST")
STEPS = 2
"""The attempts behind each callback: itself, and the way to `/.pomerium/sign_in` before it."""


def create_app(services: Services, pages: Pages) -> Starlette:
    """Build the ASGI application. It answers every request that reaches it, for every host; what is not ours is 404."""
    app = Starlette(
        routes=[*_everywhere(), *_at_authenticate()],
        middleware=[Middleware(Gate, services=services, pages=pages)],
        exception_handlers={HTTPException: _no_endpoint},
    )
    # It would build an absolute URL out of what the client sent.
    app.router.redirect_slashes = False
    return app


def _everywhere() -> list[Route]:
    return [
        _route("/ping", alive),
        _route("/healthz", alive),
        _route("/.well-known/pomerium", discovery),
        _route("/.well-known/pomerium/", discovery),
        _route("/.well-known/pomerium/jwks.json", jwks),
        _route("/.pomerium", without_slash),
        _route("/.pomerium/", user_page),
        _route("/.pomerium/user", user_claims),
        _route("/.pomerium/jwt", assertion_token),
        _route("/.pomerium/sessions", own_sessions, READ_OR_POST),
        _route("/.pomerium/routes", portal_page),
        _route("/.pomerium/api/v1/routes", portal_list),
        _route("/.pomerium/api/v1/login", limited(Attempt.SIGN_IN, programmatic_login)),
        _route("/.pomerium/callback/", limited(Attempt.SIGN_IN, route_callback, given_back=STEPS)),
        _route("/.pomerium/join", limited(Attempt.SIGN_IN, join, given_back=1)),
        _route("/.pomerium/sign_out", sign_out, READ_OR_POST),
    ]


def _at_authenticate() -> list[Route]:
    callback = limited(Attempt.SIGN_IN, provider_callback, given_back=STEPS)
    logout = limited(Attempt.LOGOUT, backchannel_logout, given_back=1)
    return [
        _route("/", _authenticate_only(front)),
        _route("/robots.txt", _authenticate_only(robots)),
        _route("/.pomerium/sign_in", _authenticate_only(limited(Attempt.SIGN_IN, sign_in))),
        _route("/.pomerium/signed_out", _authenticate_only(signed_out)),
        _route("/.pomerium/backchannel_logout", _authenticate_only(logout), ("POST",)),
        _route("/.pomerium/jwks.json", _authenticate_only(client_keys)),
        _route("/oauth2/callback", _authenticate_only(callback), READ_OR_POST),
        _route("/oauth2/callback/{provider}", _authenticate_only(callback), READ_OR_POST),
    ]


def _route(path: str, handler: Handler, methods: tuple[str, ...] = READ) -> Route:
    return Route(path, endpoint(handler), methods=methods)


def _authenticate_only(handler: Handler) -> Handler:
    async def call(visit: Visit) -> Response:
        if not visit.at_authenticate:
            return unroutable(visit, HTTPStatus.NOT_FOUND)
        return await handler(visit)

    return call


async def _no_endpoint(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = unroutable(visit_of(request), HTTPStatus(error.status_code))
    response.headers.update(error.headers or {})
    return response
