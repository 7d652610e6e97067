"""Security headers of our answers.

Sources: CSP Level 3 (W3C), Fetch (`nosniff`), Referrer Policy (W3C), HTML (`Cross-Origin-Opener-Policy`); the choice
follows OWASP ASVS 5.0 chapter 3.
"""

from collections.abc import Sequence

COMMON_HEADERS: tuple[tuple[str, str], ...] = (
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
)
"""On every answer of ours, whatever its type, unless it says otherwise itself (the JWKS may be cached)."""


def answer_headers() -> tuple[tuple[str, str], ...]:
    """Headers of an answer that is no page: nothing in it may be loaded or run, should a browser render it."""
    return (
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
        ("referrer-policy", "no-referrer"),
        *COMMON_HEADERS,
    )


def framed_by(origin: str) -> tuple[tuple[str, str], ...]:
    """Headers of an answer that pages of one origin may frame; `frame-ancestors` overrules `X-Frame-Options`."""
    return (
        ("content-security-policy", f"default-src 'none'; frame-ancestors {origin}; base-uri 'none'"),
        ("cross-origin-opener-policy", "unsafe-none"),
    )


def page_headers(
    nonce: str, form_targets: Sequence[str] | None, pictures: Sequence[str] = ()
) -> tuple[tuple[str, str], ...]:
    """Headers of an HTML page; `form_targets` is None for a page without a form, `pictures` are origins of images.

    A page with a form keeps the referrer within its own origin: under `no-referrer` a browser sends `Origin: null`
    with the form (Fetch, "serializing a request origin"), and we could not tell our own form from a stranger's.
    """
    return (
        ("content-security-policy", content_security_policy(nonce, form_targets, pictures)),
        ("referrer-policy", "no-referrer" if form_targets is None else "same-origin"),
        *COMMON_HEADERS,
    )


def content_security_policy(nonce: str, form_targets: Sequence[str] | None, pictures: Sequence[str] = ()) -> str:
    """Allow our one inline stylesheet, named by its nonce, and images out of the page itself or from the origins that
    the operator has named; nothing else.

    `form_targets` are origins beside our own that a form's answer may redirect to: browsers hold the whole chain of
    redirects behind a form to `form-action` (CSP Level 3, section 6.4.1), and signing out leads over the identity
    provider.
    """
    forms = "'none'" if form_targets is None else " ".join(("'self'", *sorted(set(form_targets))))
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src 'nonce-{nonce}'",
            " ".join(("img-src 'self' data:", *sorted(set(pictures)))),
            f"form-action {forms}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )
