"""What a person reads, and an operator finds in the log, when a sign-in does not go on."""

from extauthz.oidc.errors import Reason
from extauthz.oidc.finish import SignInRefused
from extauthz.web_request import Failure, FailureKind

_AGAIN = "Go back to the application and open it again."

TITLE = "The sign-in did not work"


def bad_link(detail: str) -> Failure:
    """A signed URL that is not ours, altered, or too old."""
    return Failure(
        FailureKind.BAD_LINK,
        400,
        "This link does not work any more",
        f"It is incomplete, was changed on its way, or is older than five minutes. {_AGAIN}",
        detail,
    )


def bad_target(detail: str) -> Failure:
    """A way back that leads nowhere of ours."""
    return Failure(
        FailureKind.BAD_TARGET, 400, TITLE, "The address to return to does not belong to this service.", detail
    )


def state_missing() -> Failure:
    """An answer of the provider to a question that this browser did not ask."""
    return Failure(
        FailureKind.STATE_MISSING,
        400,
        TITLE,
        f"It was not begun in this browser, was begun too long ago, or the browser keeps no cookies. {_AGAIN}",
        "the browser has no cookie of this sign-in: it is not the one that began it, took longer than ten minutes, "
        "or blocks cookies",
    )


def other_callback() -> Failure:
    """An answer at the address of another provider than the one that was asked (RFC 9700 section 4.4)."""
    return Failure(
        FailureKind.PROVIDER_MISTRUSTED,
        400,
        TITLE,
        f"The answer of the identity provider came in the wrong place. {_AGAIN}",
        "the authorization response came to the callback of another identity provider than the one that was asked",
    )


def state_used(retry_url: str | None) -> Failure:
    """An answer of the provider that was dealt with already."""
    return Failure(
        FailureKind.STATE_USED,
        400,
        "This sign-in is over",
        "It was finished before, and can be finished only once.",
        "the state of the authorization response was used before",
        retry_url=retry_url,
    )


def configuration_changed(retry_url: str | None) -> Failure:
    """A sign-in that began with a provider which is configured no longer."""
    return Failure(
        FailureKind.STATE_EXPIRED,
        400,
        TITLE,
        "The settings of this service changed meanwhile.",
        "the identity provider that this sign-in began with is not configured any more",
        retry_url=retry_url,
    )


def browser_changed(retry_url: str | None) -> Failure:
    """A finished sign-in in a browser that did not begin it."""
    return Failure(
        FailureKind.BROWSER_CHANGED,
        400,
        TITLE,
        "It was not begun in this browser, or the browser keeps no cookies.",
        "the browser does not hold the binding of this sign-in: it is not the one that began it, or blocks cookies",
        retry_url=retry_url,
    )


def cookies_ambiguous(cookie: str, retry_url: str | None) -> Failure:
    """A browser that would be sent round and round, because no cookie of ours counts beside another of its name."""
    return Failure(
        FailureKind.COOKIES_AMBIGUOUS,
        400,
        "The browser holds two sign-ins",
        f"It sends several cookies named {cookie}, and it cannot be told which is ours. "
        "Delete the cookies of this site in the browser's settings, and open the application again.",
        f"the browser sends several cookies `{cookie}`: another host under `cookie_domain` may have set one",
        retry_url=retry_url,
    )


def ticket_refused(detail: str, retry_url: str | None = None) -> Failure:
    """A ticket that does not open, or not again."""
    return Failure(
        FailureKind.TICKET_REFUSED,
        400,
        "This sign-in is over",
        "It was finished before, or took too long.",
        detail,
        retry_url=retry_url,
    )


def not_stepped_up(lacking: str, retry_url: str | None, set_cookies: tuple[str, ...] = ()) -> Failure:
    """The provider signed the person in anew, and no better than before."""
    return Failure(
        FailureKind.STEP_UP_REFUSED,
        403,
        "This sign-in is not strong enough",
        "The address you asked for wants a stronger or a more recent sign-in than the identity provider gave you."
        " You are still signed in as before.",
        lacking,
        set_cookies,
        retry_url,
    )


def no_provider() -> Failure:
    """Nobody can sign in here."""
    return Failure(
        FailureKind.NO_PROVIDER,
        503,
        "Nobody can sign in here",
        "This service has no identity provider.",
        "no identity provider is configured (`idp_provider_url`), yet somebody was asked to sign in",
    )


def unavailable(detail: str, retry_url: str | None, set_cookies: tuple[str, ...] = ()) -> Failure:
    """The provider does not answer."""
    return Failure(
        FailureKind.PROVIDER_UNAVAILABLE,
        503,
        "The identity provider does not answer",
        "Nobody can sign in at the moment. Please try again in a minute.",
        detail,
        set_cookies,
        retry_url,
    )


def refused(refusal: SignInRefused, retry_url: str | None, set_cookies: tuple[str, ...] = ()) -> Failure:
    """The provider said no, or something that cannot be believed."""
    detail = f"{refusal.reason}: {refusal.detail}"
    if refusal.reason is Reason.ACCESS_DENIED:
        message = "The identity provider did not let you in."
        return Failure(
            FailureKind.PROVIDER_REFUSED, 401, "You were not signed in", message, detail, set_cookies, retry_url
        )
    if refusal.reason is Reason.PROVIDER_ERROR:
        message = f"It reports a problem ({refusal.detail})."
        return Failure(FailureKind.PROVIDER_REFUSED, 400, TITLE, message, detail, set_cookies, retry_url)
    message = (
        "The identity provider's answer could not be trusted. If this happens again, tell whoever runs this service."
    )
    return Failure(FailureKind.PROVIDER_MISTRUSTED, 400, TITLE, message, detail, set_cookies, retry_url)
