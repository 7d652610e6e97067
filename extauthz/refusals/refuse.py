"""A refusal in the form its client reads, with the headers that every answer of ours carries. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from http import HTTPStatus

from extauthz.pages import Page, Pages, answer_headers
from extauthz.refusals.client_kind import ClientKind
from extauthz.refusals.forms import grpc_form, grpc_web_form, json_form, kubernetes_form
from extauthz.refusals.refusal import Refusal

INTERCEPTED = "x-pomerium-intercepted-response"
HOME = "/.pomerium/"


def refuse(
    pages: Pages,
    kind: ClientKind,
    refusal: Refusal,
    *,
    method: str,
    request_id: str,
    nonce: str,
    content_type: str = "",
) -> Page:
    """Answer a client of this kind. `nonce` is fresh (`pages.new_nonce`); `content_type` is that of the request, which
    gRPC-web clients are answered in. A HEAD request gets no body."""
    page = _form(pages, kind, refusal, request_id=request_id, nonce=nonce, content_type=content_type)
    return _complete(page, method, request_id, _headers_of(refusal))


def redirect(location: str, set_cookies: Iterable[str], *, request_id: str) -> Page:
    """Send a navigation to sign in: 302 with the cookies that tie the sign-in to this browser."""
    headers = (("location", location), *(("set-cookie", cookie) for cookie in set_cookies), *answer_headers())
    return _complete(Page(HTTPStatus.FOUND, headers, b""), "GET", request_id)


def keep_crawlers_out(*, method: str, request_id: str) -> Page:
    """The `robots.txt` (RFC 9309) of what a crawler could not open anyway."""
    headers = (("content-type", "text/plain; charset=utf-8"), *answer_headers())
    return _complete(Page(HTTPStatus.OK, headers, b"User-agent: *\nDisallow: /"), method, request_id)


def _form(pages: Pages, kind: ClientKind, refusal: Refusal, *, request_id: str, nonce: str, content_type: str) -> Page:
    match kind:
        case ClientKind.GRPC:
            return grpc_form(refusal)
        case ClientKind.GRPC_WEB:
            return grpc_web_form(refusal, content_type)
        case ClientKind.KUBERNETES:
            return kubernetes_form(refusal)
        case ClientKind.JSON | ClientKind.WEBSOCKET:
            return json_form(refusal, request_id)
        case ClientKind.NAVIGATION | ClientKind.BROWSER:
            return pages.render(
                "refusal.html",
                status=int(refusal.status),
                nonce=nonce,
                title=refusal.title,
                message=refusal.message,
                request_id=request_id,
                details=refusal.details,
                sign_in_url=refusal.sign_in_url,
                home=HOME,
            )


def _headers_of(refusal: Refusal) -> tuple[tuple[str, str], ...]:
    challenge = (("www-authenticate", refusal.challenge),) if refusal.challenge else ()
    retry = (("retry-after", str(refusal.retry_after)),) if refusal.retry_after else ()
    return challenge + retry


def _complete(page: Page, method: str, request_id: str, more: tuple[tuple[str, str], ...] = ()) -> Page:
    ours = ((INTERCEPTED, "true"), ("x-request-id", request_id), *more)
    return replace(page, headers=page.headers + ours, body=b"" if method == "HEAD" else page.body)
