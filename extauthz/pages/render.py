"""Templates to bytes. Everything is read when `Pages` is built; rendering touches nothing but its arguments."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from urllib.parse import quote

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from extauthz.pages.headers import page_headers

NONCE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Page:
    """A finished answer, independent of what carries it (HTTP, or the denied response of a gRPC `Check`)."""

    status: int
    """HTTP status."""
    headers: tuple[tuple[str, str], ...]
    """Header names in lower case with their values, content type and security headers included."""
    body: bytes
    """UTF-8 HTML."""


def new_nonce(entropy: Callable[[int], bytes]) -> str:
    """A fresh CSP nonce: 128 bits in base64 (CSP Level 3, section 7.1)."""
    return b64encode(entropy(NONCE_BYTES)).decode()


def _utc(moment: datetime) -> str:
    return f"{moment:%-d %B %Y, %H:%M} UTC"


def _environment() -> Environment:
    folder = files("extauthz.pages") / "templates"
    sources = {entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.is_file()}
    environment = Environment(
        loader=DictLoader(sources),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # These two are our own files, nobody's input: they go into the page as they are.
    environment.globals["stylesheet"] = Markup(sources["style.css"])  # noqa: S704
    environment.globals["mark"] = Markup(sources["mark.svg"])  # noqa: S704
    environment.globals["icon"] = f"data:image/svg+xml,{quote(sources['icon.svg'])}"
    environment.filters["utc"] = _utc
    environment.filters["iso"] = datetime.isoformat
    return environment


@dataclass(frozen=True, slots=True)
class Pages:
    """All our templates. A name missing from the context raises (jinja2.UndefinedError): half a page is never sent."""

    environment: Environment = field(default_factory=_environment)
    """Holds every template's text; compiles each once."""

    def render(
        self,
        template: str,
        *,
        status: int,
        nonce: str,
        form_targets: Sequence[str] | None = None,
        pictures: Sequence[str] = (),
        **context: object,
    ) -> Page:
        """Render `template` with its context (named in the template's first lines).

        A page with a form gives `form_targets`: the origins, beside its own, that the form's answer may lead to; one
        with `pictures` from elsewhere gives their origins.
        """
        text = self.environment.get_template(template).render(status=status, nonce=nonce, **context)
        headers = (("content-type", "text/html; charset=utf-8"), *page_headers(nonce, form_targets, pictures))
        # Claims come out of JSON and may hold lone surrogates, which UTF-8 cannot carry.
        return Page(status, headers, text.encode(errors="replace"))
