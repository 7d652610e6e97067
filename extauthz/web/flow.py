"""From a request over a use case to an answer, the same way for every step of signing in."""

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from extauthz.services import Current, Services
from extauthz.sign_in import ProviderChoice
from extauthz.web import audit
from extauthz.web.answers import page_response, redirect_response
from extauthz.web.failures import failed
from extauthz.web.incoming import web_request
from extauthz.web.visit import Visit
from extauthz.web_request import Failure, Redirect, WebRequest

Step = Callable[[Services, Current, WebRequest], Awaitable[Redirect | Failure | ProviderChoice]]
"""One step; raises `StoreUnavailable`."""


async def take(visit: Visit, step: Step) -> Response:
    """Read the request, take the step, tell the log, answer. What is raised the gate answers."""
    outcome = await step(visit.services, visit.current, await web_request(visit))
    if isinstance(outcome, Failure):
        audit.sign_in_refused(visit, outcome)
        return failed(visit, outcome)
    if isinstance(outcome, ProviderChoice):
        return page_response(visit.page("choose.html", providers=outcome.links))
    await audit.sign_in(visit, outcome)
    return redirect_response(outcome)
