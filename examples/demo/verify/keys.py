"""Fetches the proxy's public keys (RFC 7517) and keeps them for as long as the proxy lets us."""

import ssl
import time
from dataclasses import dataclass, field

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from judge import Keys

KEEP = 60.0
"""Seconds for which a fetched set is used."""
RETRY = 1.0
"""Seconds between two fetches, at least, whatever key ids requests come with."""


@dataclass(slots=True)
class KeySource:
    """One JWK Set at one URL."""

    url: str
    """Where the set is published."""
    ca_file: str | None = None
    """PEM file of the authorities that vouch for that server; None means those of this system."""
    connect_to: str | None = None
    """`host:port` to connect to instead of the one in the URL, which keeps naming the server (SNI and Host)."""
    _keys: Keys | None = field(default=None, init=False)
    _fetched: float = field(default=float("-inf"), init=False)
    _client: httpx.AsyncClient | None = field(default=None, init=False)

    async def get(self, kid: object) -> Keys:
        """Return the keys; fetch them when they are old or do not hold `kid`. Never raises."""
        age = time.monotonic() - self._fetched
        if self._keys is None or age > KEEP or (age > RETRY and not _holds(self._keys, kid)):
            self._keys = await self._fetch()
            self._fetched = time.monotonic()
        return self._keys

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def _fetch(self) -> Keys:
        try:
            if self._client is None:
                context = ssl.create_default_context(cafile=self.ca_file)
                self._client = httpx.AsyncClient(verify=context, timeout=5, trust_env=False)
            response = await self._client.send(self._request(self._client))
            response.raise_for_status()
            return Keys(KeySet.import_key_set(response.json()), self.url)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, JoseError, ValueError, KeyError, TypeError) as error:
            return Keys(None, self.url, f"{type(error).__name__}: {error}")

    def _request(self, client: httpx.AsyncClient) -> httpx.Request:
        target = httpx.URL(self.url)
        address, port = target.host, target.port
        if self.connect_to:
            address, _, given = self.connect_to.rpartition(":")
            port = int(given)
        elif address.endswith(".localhost"):
            address = "127.0.0.1"  # RFC 6761 section 6.3; many resolvers do not know it
        return client.build_request(
            "GET",
            target.copy_with(host=address, port=port),
            headers={"host": target.netloc.decode("ascii"), "accept": "application/json"},
            extensions={"sni_hostname": target.host},
        )


def _holds(keys: Keys, kid: object) -> bool:
    return keys.found is not None and any(key.kid == kid for key in keys.found)
