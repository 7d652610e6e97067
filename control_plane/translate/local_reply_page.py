"""The page that a browser sees when Envoy itself refuses: small, without scripts or anything from elsewhere."""

from base64 import b64encode
from hashlib import sha256

STYLE = (
    ":root{color-scheme:light dark;--ink:#1c2024;--soft:#60646c;--ground:#fcfcfd;--line:#d9d9e0}"
    "@media(prefers-color-scheme:dark){:root{--ink:#edeef0;--soft:#b0b4ba;--ground:#111113;--line:#363a3f}}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);color:var(--ink);"
    "font:1rem/1.5 system-ui,sans-serif}"
    "main{box-sizing:border-box;max-width:32rem;padding:2rem}"
    "h1{font-size:1.5rem;margin:0 0 .5rem}"
    "footer{margin-top:2rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.85rem;"
    "overflow-wrap:anywhere}"
)


def page(*, status: str, request_id: str | None) -> str:
    """The page as Envoy's text format; `status` and `request_id` are substitution commands."""
    reference = "" if request_id is None else f" &middot; request {request_id}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>This page cannot be shown ({status})</title><style>{_literal(STYLE)}</style></head>"
        "<body><main><h1>This page cannot be shown</h1>"
        "<p>The request did not reach the application, or the application did not answer. "
        "Try again in a moment; if it stays, tell the people who run this site.</p>"
        f"<footer>status {status}{reference}</footer></main></body></html>\n"
    )


def content_security_policy() -> str:
    """Nothing but the style of this page, named by its hash."""
    digest = b64encode(sha256(STYLE.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _literal(text: str) -> str:
    """Escape text for a format string, where `%` begins a command."""
    return text.replace("%", "%%")
