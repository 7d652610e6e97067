"""What is not wrong, but surely not meant."""

import pytest

from tests.access_model.reading import SIGN_IN, read

HOST = "from: 'https://app.example.com', to: 'http://10.0.0.1', allow_any_authenticated_user: true"


def warnings_of(*routes: str) -> list[tuple[str, int | None, str]]:
    listed = "".join(f"  - {{{route}}}\n" for route in routes)
    return [(each.path, each.line, each.code) for each in read(f"{SIGN_IN}routes:\n{listed}").warnings]


def test_a_route_for_nobody() -> None:
    assert warnings_of("from: 'https://a.example.com', to: 'http://10.0.0.1'") == [("routes[0]", 7, "nobody-allowed")]


@pytest.mark.parametrize("action", ["allow", "deny"])
def test_a_policy_on_a_header_that_never_arrives(action: str) -> None:
    def route(name: str) -> str:
        return f"{HOST}, policy: {{{action}: {{or: [{{header: {{name: {name}, is: x}}}}]}}}}"

    for name in ("CF-Connecting-IP", "X-Forwarded-User", "X-Pomerium-Claim-Email"):
        assert warnings_of(route(name)) == [("routes[0].policy", 7, "removed-header")]
    assert warnings_of(route("X-Team")) == []


@pytest.mark.parametrize("match", ["prefix: /a", "path: /a", "regex: /a.*"])
def test_a_route_behind_one_that_takes_everything(match: str) -> None:
    assert warnings_of(HOST, f"{HOST}, {match}") == [("routes[1]", 8, "never-reached")]


def test_a_route_behind_a_shorter_prefix() -> None:
    assert warnings_of(f"{HOST}, prefix: /a", f"{HOST}, prefix: /ab") == [("routes[1]", 8, "never-reached")]
    assert warnings_of(f"{HOST}, prefix: /a", f"{HOST}, path: /a") == [("routes[1]", 8, "never-reached")]
    assert warnings_of(f"{HOST}, prefix: /ab", f"{HOST}, prefix: /a", HOST) == []
    assert warnings_of(f"{HOST}, path: /a", f"{HOST}, prefix: /a") == []


@pytest.mark.parametrize("match", ["prefix: /.pomerium", "prefix: /.pomerium/x", "path: /ping", "path: /healthz"])
def test_a_route_on_one_of_our_own_paths(match: str) -> None:
    (key, _) = match.split(":")
    assert warnings_of(f"{HOST}, {match}") == [(f"routes[0].{key}", 7, "never-reached")]


def test_nothing_to_say_about_a_plain_file() -> None:
    assert warnings_of(HOST, HOST.replace("app", "*")) == []
