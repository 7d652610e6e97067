"""What use cases and pages answer, as Starlette's responses."""

from collections.abc import Iterable

from starlette.responses import Response

from extauthz.pages import Page
from extauthz.web_request import Redirect


def page_response(page: Page, set_cookies: Iterable[str] = ()) -> Response:
    """Send a page with all its headers, repeated ones included."""
    return _with(Response(page.body, status_code=page.status), page.headers, set_cookies)


def redirect_response(redirect: Redirect) -> Response:
    """Send the browser elsewhere. The location goes out as the use case wrote it, byte for byte."""
    return _with(Response(status_code=302), (("location", redirect.location),), redirect.set_cookies)


def _with(response: Response, headers: Iterable[tuple[str, str]], set_cookies: Iterable[str]) -> Response:
    for name, value in headers:
        response.headers.append(name, value)
    for cookie in set_cookies:
        response.headers.append("set-cookie", cookie)
    return response
