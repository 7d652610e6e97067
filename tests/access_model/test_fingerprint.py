"""Ids and revisions: ids are pinned, revisions change with what matters and with nothing else."""

import pytest

from tests.access_model.reading import ROUTE, SIGN_IN, read

SECRET = "a" * 33
TEXT = f"{SIGN_IN}shared_secret: {SECRET}\nidp_client_secret: one\n{ROUTE}"

PINNED = {
    "from: 'https://app.example.com', to: 'http://10.0.0.1'": "2e83cbe0442cc62e",
    "from: 'https://app.example.com:8443', to: 'http://10.0.0.1'": "accb6cba69b24c65",
    "from: 'https://*.example.com', to: 'http://10.0.0.1', prefix: /a": "cb902f4b60e7f572",
    "from: 'https://app.example.com', to: ['https://b/x', 'https://c/x'], path: /a": "7bffe8bca3f9e585",
}


def route_id(keys: str) -> str:
    return read(f"{SIGN_IN}routes: [{{allow_any_authenticated_user: true, {keys}}}]\n").model.routes[0].id


def revision(text: str) -> str:
    return read(text).model.revision


@pytest.mark.parametrize("keys", PINNED)
def test_route_ids_never_change(keys: str) -> None:
    """They stand in logs, in stored data and in running Envoys: a change of this table is a breaking change."""
    assert route_id(keys) == PINNED[keys]


def test_a_route_id_tells_from_match_and_targets_alone() -> None:
    same = "from: 'https://app.example.com', to: 'http://10.0.0.1'"
    assert route_id(f"{same}, name: x, timeout: 1s, allowed_users: [x], pass_identity_headers: true") == PINNED[same]
    assert route_id(same.replace("https://app", "https://APP").replace("10.0.0.1", "10.0.0.1:80")) == PINNED[same]
    two = "from: 'https://app.example.com', path: /a, to: ['https://c/x,3', 'https://b/x,1']"
    assert route_id(two) == "7bffe8bca3f9e585"
    assert len({route_id(f"{same}, {match}") for match in ("prefix: /a", "path: /a", "regex: /a", "prefix: /")}) == 4


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("allow_any_authenticated_user: true", "allowed_users: [alice]"),
        ("allow_any_authenticated_user: true", "allow_public_unauthenticated_access: true"),
        ("http://10.0.0.1:8080", "http://10.0.0.1:8081"),
        ("https://app.", "https://app2."),
        ("https://authenticate.", "https://login."),
        ("idp_client_id: ostiary", "idp_client_id: other"),
        ("idp_client_secret: one", "idp_client_secret: two"),
        (SECRET, "b" * 33),
        (ROUTE, f"pass_identity_headers: true\n{ROUTE}"),
        (ROUTE, f"jwt_claims_headers: [email]\n{ROUTE}"),
        (ROUTE, f"jwt_issuer_format: uri\n{ROUTE}"),
        (ROUTE, f"cookie_name: x\n{ROUTE}"),
        (ROUTE, f"{ROUTE}    set_request_headers: {{X-A: a}}\n"),
        (ROUTE, f"{ROUTE}    timeout: 1s\n"),
        (ROUTE, f"{ROUTE}  - {{from: 'https://b.example.com', to: 'http://b', allowed_users: [x]}}\n"),
    ],
)
def test_a_revision_changes_with_what_matters(old: str, new: str) -> None:
    assert old in TEXT
    assert revision(TEXT.replace(old, new)) != revision(TEXT)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (ROUTE, f"\n# a comment\n{ROUTE}"),
        (ROUTE, f"{ROUTE}    name: The app\n    description: It\n"),
        (ROUTE, f"log_level: debug\nenvoy: {{concurrency: 1}}\nsession_store_url: memory://\n{ROUTE}"),
        ("address: 127.0.0.1:8443", "address: 127.0.0.1:9443"),
        ("https://app.example.com", "https://APP.example.com:443/"),
    ],
)
def test_a_revision_stays_with_what_does_not_matter(old: str, new: str) -> None:
    assert old in TEXT
    assert revision(TEXT.replace(old, new)) == revision(TEXT)


def test_the_order_of_keys_does_not_matter_but_that_of_routes_does() -> None:
    mapping = "jwt_claims_headers: {X-A: a, X-B: b}\n"
    turned = "jwt_claims_headers: {X-B: b, X-A: a}\n"
    assert revision(mapping + TEXT) == revision(turned + TEXT)
    one, two = (
        "  - {from: 'https://a.example.com', to: 'http://a', allowed_users: [x], prefix: /" + x + "}\n" for x in "ab"
    )
    assert revision(f"{SIGN_IN}routes:\n{one}{two}") != revision(f"{SIGN_IN}routes:\n{two}{one}")


EVERY_KIND_OF_DATA = [
    "{source_ip: [10.0.0.0/8, 2001:db8::/32]}",
    "{date: {after: 2026-01-01}}",
    "{day_of_week: mon-fri}",
    "{time_of_day: {timezone: Europe/Berlin, after: 7am}}",
    "{auth_age: 15m}",
    "{http_method: {in: [GET, HEAD, PUT, POST]}}",
    "{record: {type: t, field: f, '<': 3}}",
    "{client_certificate: {san_dns: {ends_with: .example.com}}}",
    "{http_path: {is: /a}}",
    "{http_path: {not: /a}}",
    "{header: {name: x-a, is: b}}",
]


def test_every_kind_of_data_in_a_policy_counts() -> None:
    def of(criterion: str, action: str = "allow") -> str:
        return revision(f"{TEXT}    policy: {{{action}: {{or: [{criterion}]}}}}\n")

    assert len({of(each) for each in EVERY_KIND_OF_DATA}) == len(EVERY_KIND_OF_DATA)
    assert of(EVERY_KIND_OF_DATA[5]) == of("{http_method: {in: [POST, PUT, HEAD, GET]}}") != revision(TEXT)
    assert of(EVERY_KIND_OF_DATA[-1]) != of(EVERY_KIND_OF_DATA[-1], "deny")
