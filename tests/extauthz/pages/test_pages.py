from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from jinja2 import UndefinedError

from extauthz.pages import Page, Pages, new_nonce
from extauthz.web.portal import Entry
from session_store.records import Session

PAGES = Pages()
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</pre></style></title><svg onload=alert(1)>",
    '" autofocus onfocus=alert(1) x="',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% include 'base.html' %}",
    "a\r\nX-Admin: 1\x00\u202etxt.exe",
    "\ud800",
)
SESSION = Session("sid", "u", "https://id.example", "p", NOON, NOON, NOON, {})


def contexts(text: str) -> Mapping[str, Mapping[str, Any]]:
    """Every template with `text` wherever a stranger's words can end up."""
    return {
        "refusal.html": {
            "title": text,
            "message": text,
            "request_id": text,
            "details": ((True, text), (False, text)),
            "sign_in_url": "https://auth.example/?x=" + text,
            "home": "/.pomerium/",
        },
        "user.html": {
            "signed_in": True,
            "host": text,
            "name": text,
            "email": text,
            "user_id": text,
            "issuer": text,
            "session": SESSION,
            "groups": (text,),
            "claims": ((text, (text, text)),),
            "sign_out_url": "/.pomerium/sign_out",
            "routes_url": "/.pomerium/routes",
            "sessions_url": "/.pomerium/sessions",
        },
        "choose.html": {"providers": ((text, "https://auth.example/?x=" + text),)},
        "routes.html": {
            "routes": (
                Entry(text, text, "https://app.example/" + text, "https://logo.example/" + text, ""),
                Entry(text, text, "", "", text),
            ),
            "home": "/.pomerium/",
        },
        "sessions.html": {
            "current": SESSION,
            "others": (replace(SESSION, id=text, device=text, address=text),),
            "sessions_url": "/.pomerium/sessions",
            "sign_out_url": "/.pomerium/sign_out",
            "home": "/.pomerium/",
        },
        "sign_out_confirm.html": {"name": text, "sign_out_url": "/.pomerium/sign_out", "home": "/.pomerium/"},
        "signed_out.html": {"home": "/.pomerium/"},
    }


class Outline(HTMLParser):
    """Elements and attribute names, in order: what markup there is, whatever the words say."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.text = ""
        self.feed(page.body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def count(self, tag: str) -> int:
        return sum(found == tag for found, _ in self.tags)


def render(template: str, text: str) -> Page:
    return PAGES.render(template, status=200, nonce="bm9uY2U=", **contexts(text)[template])


@pytest.mark.parametrize("template", sorted(contexts("")))
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_add_no_markup(template: str, text: str) -> None:
    assert Outline(render(template, text)).tags == Outline(render(template, "harmless")).tags


def test_hostile_words_are_shown_as_they_are() -> None:
    assert HOSTILE[0] in Outline(render("user.html", HOSTILE[0])).text


@pytest.mark.parametrize("template", sorted(contexts("")))
def test_a_page_is_one_document_with_language_title_landmark_and_heading(template: str) -> None:
    page = render(template, "harmless")
    outline = Outline(page)
    assert page.body.startswith(b'<!doctype html>\n<html lang="en">')
    assert [outline.count(tag) for tag in ("title", "main", "h1", "style", "script")] == [1, 1, 1, 1, 0]


@pytest.mark.parametrize("template", sorted(contexts("")))
def test_a_page_asks_for_nothing_from_elsewhere(template: str) -> None:
    body = render(template, "harmless").body.decode()
    assert "@import" not in body
    assert "url(" not in body
    assert 'src="' not in body.replace('src="https://logo.example/harmless"', "", 1), "but for the operator's pictures"
    assert body.count("<link") == body.count('<link rel="icon" href="data:') == 1


def test_headers_shut_every_door_but_the_nonce() -> None:
    page = render("refusal.html", "harmless")
    assert dict(page.headers) == {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": (
            "default-src 'none'; style-src 'nonce-bm9uY2U='; img-src 'self' data:; form-action 'none'; "
            "frame-ancestors 'none'; base-uri 'none'"
        ),
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
    }
    assert b'<style nonce="bm9uY2U=">' in page.body


def test_a_form_page_names_where_its_answer_may_lead_and_keeps_its_own_origin_visible() -> None:
    page = PAGES.render(
        "sign_out_confirm.html",
        status=200,
        nonce="n",
        form_targets=("https://id.example", "https://auth.example", "https://id.example"),
        name="",
        sign_out_url="/.pomerium/sign_out",
        home="/.pomerium/",
    )
    headers = dict(page.headers)
    assert "form-action 'self' https://auth.example https://id.example;" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "same-origin"


def test_the_status_is_told_and_details_are_ticked() -> None:
    page = PAGES.render(
        "refusal.html",
        status=403,
        nonce="n",
        title="No",
        message="Not you",
        request_id="",
        details=((True, "user"), (False, "domain")),
    )
    body = page.body.decode()
    assert page.status == 403
    assert '<p class="status">403</p>' in body
    assert body.index("✓") < body.index("user</bdi>") < body.index("✗") < body.index("domain</bdi>")
    assert "request id" not in body


def test_a_forgotten_word_raises_instead_of_sending_half_a_page() -> None:
    with pytest.raises(UndefinedError):
        PAGES.render("refusal.html", status=403, nonce="n", title="No")


def test_a_nonce_has_128_bits_in_base64() -> None:
    assert new_nonce(lambda size: b"\xff" * size) == "/////////////////////w=="
