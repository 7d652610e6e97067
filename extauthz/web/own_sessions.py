"""`/.pomerium/sessions`: where somebody is signed in, and a way to end what they do not know."""

from starlette.responses import Response

from extauthz.sign_out.ending import end_one, end_others
from extauthz.sign_out.intent import Intent, intent
from extauthz.sign_out.leaving import foreign
from extauthz.web import audit
from extauthz.web.answers import page_response, redirect_response
from extauthz.web.asker import known_session
from extauthz.web.failures import failed, sign_in_first
from extauthz.web.incoming import web_request
from extauthz.web.sign_out_form import SIGN_OUT, form_targets
from extauthz.web.visit import HOME, Visit
from extauthz.web_request import Redirect
from session_store.records import KnownSession

SESSIONS = "/.pomerium/sessions"
END, OTHERS = "end", "others"


async def own_sessions(visit: Visit) -> Response:
    """GET lists; POST ends one session of the same user, or all others."""
    known = await known_session(visit)
    if known is None:
        return sign_in_first(visit)
    return await (_end if visit.request.method == "POST" else _list)(visit, known)


async def _list(visit: Visit, known: KnownSession) -> Response:
    session = known.session
    found = await visit.services.store.sessions_of(session.issuer, session.user_id, visit.now)
    page = visit.page(
        "sessions.html",
        form_targets=await form_targets(visit),
        current=session,
        others=[each.session for each in found if each.session.id != session.id],
        sessions_url=SESSIONS,
        sign_out_url=SIGN_OUT,
        home=HOME,
    )
    return page_response(page)


async def _end(visit: Visit, known: KnownSession) -> Response:
    request = await web_request(visit)
    if intent(request, visit.model) is not Intent.MEANT:
        refused = foreign(request)
        audit.sign_out_refused(visit, refused)
        return failed(visit, refused)
    wanted = [value for name, value in request.params if name == END]
    if wanted == [OTHERS]:
        ended = await end_others(visit.services, visit.current, known, visit.now)
    elif len(wanted) == 1:
        ended = await end_one(visit.services, visit.current, known, wanted[0], visit.now)
    else:
        ended = ()
    for each in ended:
        audit.sign_out(visit, each)
    return redirect_response(Redirect(f"{visit.base_url}{SESSIONS}"))
