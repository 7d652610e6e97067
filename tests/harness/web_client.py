"""A browser without a window: a real cookie jar, redirects, forms. For the many tests that need no rendering."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

from tests.harness.cookies import CookieJar
from tests.harness.loopback import LoopbackTransport, local_tls

MAX_HOPS = 20
NAVIGATION = {
    "accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
    "accept-language": "en",
    "sec-fetch-dest": "document",
    "sec-fetch-mode": "navigate",
    "sec-fetch-user": "?1",
    "user-agent": "Mozilla/5.0 (scripted test client)",
}


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a page."""

    action: str
    """Absolute URL it is sent to."""
    method: str
    """`get` or `post`."""
    fields: Mapping[str, str]
    """Names and values of its input fields as they came."""


@dataclass(slots=True)
class WebClient:
    """One person's browser. Every exchange is kept in `history`."""

    transport: LoopbackTransport
    """Where requests go."""
    jar: CookieJar = field(default_factory=CookieJar)
    """Its cookies."""
    history: list[httpx.Response] = field(default_factory=list)
    """All responses, oldest first."""

    def get(self, url: str, *, follow: bool = True, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Navigate to `url`; redirects are followed to the last response unless `follow` is off."""
        return self._navigate(self._request("GET", url, headers), follow)

    def post(
        self, url: str, form: Mapping[str, str], *, follow: bool = True, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send a form to `url` as its own page would, with the Origin of that URL."""
        parts = urlsplit(url)
        own = {"origin": f"{parts.scheme}://{parts.netloc}", "sec-fetch-site": "same-origin", **(headers or {})}
        return self._navigate(self._request("POST", url, own, form), follow)

    def submit(self, page: httpx.Response, fields: Mapping[str, str], *, follow: bool = True) -> httpx.Response:
        """Send the first form of `page`, its fields overridden by `fields`."""
        form = first_form(page)
        values = {**form.fields, **fields}
        if form.method == "get":
            return self.get(str(httpx.URL(form.action, params=values)), follow=follow)
        return self.post(form.action, values, follow=follow)

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> httpx.Response:
        """Send one request as a script would, with cookies and nothing that makes it a navigation; no redirects."""
        return self._exchange(httpx.Request(method, url, headers=dict(headers or {}), content=content or None))

    def _request(
        self, method: str, url: str, headers: Mapping[str, str] | None, form: Mapping[str, str] | None = None
    ) -> httpx.Request:
        every = {**NAVIGATION, "sec-fetch-site": "none", **(headers or {})}
        return httpx.Request(method, url, headers=every, data=dict(form) if form is not None else None)

    def _navigate(self, request: httpx.Request, follow: bool) -> httpx.Response:
        response = self._exchange(request)
        for _ in range(MAX_HOPS):
            if not follow or not response.has_redirect_location:
                return response
            response = self._exchange(self._request("GET", _target(response), {"sec-fetch-site": "cross-site"}))
        chain = "\n".join(f"{one.status_code} {one.url}" for one in self.history[-MAX_HOPS:])
        raise AssertionError(f"more than {MAX_HOPS} redirects:\n{chain}")

    def _exchange(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        cookies = self.jar.header(url, time.time())
        if cookies is not None and "cookie" not in request.headers:
            request.headers["cookie"] = cookies
        request.extensions["timeout"] = httpx.Timeout(15).as_dict()
        response = self.transport.handle_request(request)
        try:
            response.request = request
            response.read()
        finally:
            response.close()
        self.jar.store(url, response.headers.get_list("set-cookie"), time.time())
        self.history.append(response)
        return response


@contextmanager
def web_client(authority: Path | None = None) -> Iterator[WebClient]:
    """Open a browser without a window that trusts the PEM file `authority`."""
    with LoopbackTransport(local_tls(authority)) as transport:
        yield WebClient(transport)


def login(client: WebClient, url: str, username: str, password: str) -> httpx.Response:
    """Open `url`, fill in the identity provider's sign-in form on the way, and return the last response.

    Raises AssertionError when no sign-in form comes, so that a test never takes a missing login for a successful one.
    """
    page = client.get(url)
    assert is_sign_in(page), f"no sign-in form but {page.status_code} from {page.url}\n{page.text[:2000]}"
    return client.submit(page, {"username": username, "password": password})


def is_sign_in(page: httpx.Response) -> bool:
    """Whether `page` is the demo identity provider's sign-in form."""
    return page.status_code == 200 and "/interaction/" in page.url.path


def first_form(page: httpx.Response) -> Form:
    """Return the first form of an HTML page. Raises AssertionError if it has none."""
    parser = _FormParser()
    parser.feed(page.text)
    assert parser.action is not None, f"no form in {page.url}\n{page.text[:2000]}"
    return Form(urljoin(str(page.url), parser.action), parser.method, parser.fields)


class _FormParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.method = "get"
        self.fields: dict[str, str] = {}
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and self.action is None:
            self.action, self.method, self._inside = given.get("action", ""), given.get("method", "get").lower(), True
        elif tag == "input" and self._inside and given.get("name"):
            self.fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "form"


def _target(response: httpx.Response) -> str:
    # A fragment stays in the browser.
    return urljoin(str(response.url), response.headers["location"]).partition("#")[0]
