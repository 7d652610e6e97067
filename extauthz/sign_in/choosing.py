"""Several identity providers: people choose one, on a page of the authenticate host."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from access_model.model import IdentityProvider
from access_model.policy import StepUp
from extauthz.services import Current
from extauthz.sign_in_link import Destination, sign_in_url


@dataclass(frozen=True, slots=True)
class ProviderChoice:
    """Show the page where people choose."""

    links: tuple[tuple[str, str], ...]
    """Title and signed link of each provider, in the order of the file's names."""


def choice(
    current: Current,
    providers: Sequence[IdentityProvider],
    destination: Destination,
    now: datetime,
    demand: StepUp | None = None,
) -> ProviderChoice:
    """The choice among providers that the destination takes; `demand` is what the sign-in has to prove."""
    links = ((_title(each), sign_in_url(current, destination, now, each.id, demand)) for each in providers)
    return ProviderChoice(tuple(links))


def _title(provider: IdentityProvider) -> str:
    return provider.title or urlsplit(provider.issuer).netloc
