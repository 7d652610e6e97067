"""Speaks HTTP to identity providers: drives the exchanges of `extauthz.oidc` and holds no rule of its own."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import structlog

from access_model.bearer import TokenIssuer
from access_model.model import IdentityProvider
from access_model.secret import Secret
from extauthz.adapters.client_authentication import authenticate
from extauthz.adapters.client_key import ClientKey
from extauthz.adapters.document_cache import DocumentCache
from extauthz.adapters.trusting_client import TrustingClient, tls_context
from extauthz.oidc.access_bearer import verify_access_token
from extauthz.oidc.attempt import Attempt
from extauthz.oidc.authorization import authorize
from extauthz.oidc.claims import FlatClaims
from extauthz.oidc.errors import OidcError, ProviderSilent, ProviderUnavailable
from extauthz.oidc.finish import SignInRefused, finish_sign_in
from extauthz.oidc.http import Exchange, Freshness, HttpRequest, HttpResponse
from extauthz.oidc.identity_bearer import verify_identity_token
from extauthz.oidc.logout_token import Logout, verify_logout_token
from extauthz.oidc.refresh import Refreshed, RefreshRefused, refresh_tokens, renew_profile
from extauthz.oidc.sign_out import end_session_url, revoke_tokens
from extauthz.oidc.signed_access import verify_issued
from extauthz.oidc.signed_in import SignedIn
from extauthz.oidc.vouched import Vouched
from session_store.records import Tokens

REQUEST_SECONDS = 8
CONNECT_SECONDS = 4
SIGN_OUT_SECONDS = 3
MAX_BODY = 1 << 20

Result = TypeVar("Result")

log = structlog.get_logger()


class ProviderClient:
    """One for all providers and for the life of the process; close it at the end.

    Requests are sent once, without following redirects, without cookies, with a time limit and a limit on the answer.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        transport: httpx.AsyncBaseTransport | None = None,
        client_key: ClientKey | None = None,
        authorities: Callable[[], str] = lambda: "",
    ) -> None:
        """`authorities` gives, as PEM, whom to trust besides those whom httpx trusts; it is asked at every request."""

        def client(authorities_pem: str) -> httpx.AsyncClient:
            return httpx.AsyncClient(
                transport=transport,
                verify=tls_context(authorities_pem) if transport is None else True,
                timeout=httpx.Timeout(REQUEST_SECONDS, connect=CONNECT_SECONDS),
                follow_redirects=False,
                headers={"User-Agent": "ostiary"},
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            )

        self._http = TrustingClient(client, authorities)
        self._clock = clock
        self._client_key = client_key
        self._documents = DocumentCache(self._fetch_document, clock)

    async def authorize(self, provider: IdentityProvider, attempt: Attempt) -> str:
        """The URL to send the browser to; raises `OidcError`."""
        return await self._drive(authorize(provider, attempt), provider)

    async def finish_sign_in(
        self, provider: IdentityProvider, attempt: Attempt, params: Iterable[tuple[str, str]]
    ) -> SignedIn | SignInRefused:
        """See `extauthz.oidc.finish.finish_sign_in`; raises `ProviderUnavailable`."""
        return await self._drive(finish_sign_in(attempt, params, provider, self._clock()), provider)

    async def end_session_url(
        self, provider: IdentityProvider, tokens: Tokens, post_logout_redirect_uri: str, state: str
    ) -> str | None:
        """Where the browser ends the provider's session; None where it cannot, or the provider does not answer."""
        exchange = end_session_url(provider, tokens, post_logout_redirect_uri, state)
        return await self._best_effort(exchange, provider, "end_session_url_failed")

    async def revoke(self, provider: IdentityProvider, tokens: Tokens) -> None:
        """Have the provider revoke tokens, within three seconds or not at all; a failure is logged."""
        await self._best_effort(revoke_tokens(provider, tokens), provider, "token_revocation_failed")

    async def revoke_at_once(self, provider: IdentityProvider, tokens: Tokens) -> bool:
        """The same for who asks for many: whether the provider has; raises `OidcError`."""
        try:
            async with asyncio.timeout(SIGN_OUT_SECONDS):
                return await self._drive(revoke_tokens(provider, tokens), provider)
        except TimeoutError:
            raise ProviderSilent(f"`{provider.issuer}` did not answer within {SIGN_OUT_SECONDS:g} s") from None

    async def verify_logout_token(self, provider: IdentityProvider, unverified_token: str) -> Logout:
        """See `extauthz.oidc.logout_token.verify_logout_token`; raises `OidcError`."""
        return await self._drive(verify_logout_token(unverified_token, provider, self._clock()), provider)

    async def refresh_tokens(self, provider: IdentityProvider, held: Tokens) -> Refreshed | RefreshRefused:
        """See `extauthz.oidc.refresh.refresh_tokens`; raises `OidcError`."""
        return await self._drive(refresh_tokens(provider, held, self._clock()), provider)

    async def renew_profile(
        self, provider: IdentityProvider, access_token: Secret, claims: FlatClaims
    ) -> FlatClaims | None:
        """See `extauthz.oidc.refresh.renew_profile`; raises `OidcError`."""
        return await self._drive(renew_profile(provider, access_token, claims), provider)

    async def verify_access_token(
        self, provider: IdentityProvider, token: Secret, audiences: tuple[str, ...]
    ) -> Vouched:
        """See `extauthz.oidc.access_bearer.verify_access_token`; raises `OidcError`."""
        return await self._drive(verify_access_token(provider, token.reveal_text(), audiences, self._clock()), provider)

    async def verify_identity_token(self, provider: IdentityProvider, token: Secret) -> Vouched:
        """See `extauthz.oidc.identity_bearer.verify_identity_token`; raises `OidcError`."""
        return await self._drive(verify_identity_token(provider, token.reveal_text(), self._clock()), provider)

    async def verify_issued(self, issuer: TokenIssuer, token: Secret) -> Vouched:
        """See `extauthz.oidc.signed_access.verify_issued`; raises `OidcError`."""
        return await self._drive(verify_issued(issuer, token.reveal_text(), self._clock()), None)

    def client_jwks(self) -> dict[str, Any]:
        """The JWK Set that providers verify our client assertions with."""
        return self._client_key.jwks() if self._client_key else {"keys": []}

    async def aclose(self) -> None:
        """Close connections. Idempotent."""
        await self._http.aclose()

    async def _best_effort(self, exchange: Exchange[Result], provider: IdentityProvider, event: str) -> Result | None:
        try:
            async with asyncio.timeout(SIGN_OUT_SECONDS):
                return await self._drive(exchange, provider)
        except (OidcError, TimeoutError) as error:
            log.warning(event, provider=provider.id, error=str(error) or "no answer in time")
            return None

    async def _drive(self, exchange: Exchange[Result], provider: IdentityProvider | None) -> Result:
        """Run an exchange; without a provider it may ask for nothing but what is published."""
        try:
            request = next(exchange)
            while True:
                try:
                    response = await self._answer(request, provider)
                except ProviderUnavailable as failure:
                    request = exchange.throw(failure)
                else:
                    request = exchange.send(response)
        except StopIteration as done:
            result: Result = done.value
            return result
        finally:
            exchange.close()

    def _assertion(self, client_id: str, audience: str) -> str:
        assert self._client_key is not None
        return self._client_key.assertion(client_id, audience, str(uuid4()), self._clock())

    async def _answer(self, request: HttpRequest, provider: IdentityProvider | None) -> HttpResponse:
        if request.freshness is not Freshness.SENT:
            return await self._documents.get(request)
        assert provider is not None
        outgoing = authenticate(request, provider, self._assertion if self._client_key else None)
        return await self._send(request, headers=outgoing.headers, content=outgoing.body)

    async def _fetch_document(self, request: HttpRequest) -> HttpResponse:
        return await self._send(request, headers={"Accept": "application/json"})

    async def _send(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                async with (
                    self._http.current() as client,
                    client.stream(request.method, request.url, **kwargs) as response,
                ):
                    return await _read(response, request.url)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            # The error's text can quote the request; its class says enough.
            raise ProviderSilent(f"`{request.url}` does not answer: {type(error).__name__}") from None


async def _read(response: httpx.Response, url: str) -> HttpResponse:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_BODY:
            raise ProviderUnavailable(f"`{url}` answers with more than {MAX_BODY} bytes")
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return HttpResponse(response.status_code, kind, bytes(body))
