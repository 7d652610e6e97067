"""`/.pomerium/`: who am I, for people. With `?sign_in` the way to sign in and back here."""

from starlette.responses import RedirectResponse, Response

from extauthz.cookies import parse_cookie_header
from extauthz.sign_in_link import begin_sign_in_at
from extauthz.web.answers import page_response, redirect_response
from extauthz.web.asker import claims_here, known_session
from extauthz.web.own_sessions import SESSIONS
from extauthz.web.portal import ROUTES
from extauthz.web.sign_out_form import SIGN_OUT, form_targets
from extauthz.web.visit import HOME, SIGN_IN, Visit
from session_store.records import KnownSession


async def user_page(visit: Visit) -> Response:
    """Show the session, or invite to sign in."""
    known = await known_session(visit)
    if known is not None:
        return await _signed_in(visit, known)
    if visit.model.providers and "sign_in" in visit.request.query_params:
        return _begin(visit)
    sign_in_url = SIGN_IN if visit.model.providers else ""
    return page_response(visit.page("user.html", signed_in=False, host=visit.host, sign_in_url=sign_in_url))


async def without_slash(_visit: Visit) -> Response:
    """`/.pomerium` means `/.pomerium/`."""
    return RedirectResponse(HOME, status_code=302)


def _begin(visit: Visit) -> Response:
    cookies = parse_cookie_header(visit.request.headers.getlist("cookie"))
    services = visit.services
    return redirect_response(
        begin_sign_in_at(visit.current, visit.host, HOME, cookies=cookies, entropy=services.entropy, now=visit.now)
    )


async def _signed_in(visit: Visit, known: KnownSession) -> Response:
    claims = claims_here(visit, known)
    page = visit.page(
        "user.html",
        form_targets=await form_targets(visit),
        signed_in=True,
        host=visit.host,
        name=claims["name"],
        email=claims["email"],
        user_id=claims["user"],
        issuer=known.session.issuer,
        session=known.session,
        groups=claims["groups"],
        claims=sorted({**known.user.claims, **known.session.claims}.items()),
        sign_out_url=SIGN_OUT,
        routes_url=ROUTES,
        sessions_url=SESSIONS,
    )
    return page_response(page)
