"""Where the answer to our sign-out forms may lead, for the page's `form-action`."""

import asyncio
from urllib.parse import urlsplit

from extauthz.web.visit import Visit
from session_store.records import Tokens

SIGN_OUT = "/.pomerium/sign_out"


async def form_targets(visit: Visit) -> tuple[str, ...]:
    """Origins on a sign-out's way: the provider, its logout endpoint, and where a sign-out ends."""
    model = visit.model
    urls = [model.authenticate_url, model.signout_redirect_url]
    ask = visit.services.provider.end_session_url
    urls += [provider.issuer for provider in model.providers]
    urls += await asyncio.gather(*(ask(provider, Tokens(), "", "") for provider in model.providers))
    return tuple(_origin(url) for url in urls if url)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
