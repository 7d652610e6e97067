"""`depends_on`: which hosts may be companions of a route, and what is said about the others."""

import pytest

from tests.access_model.reading import SIGN_IN, problems_of, read

OTHERS = """\
  - {from: 'https://api.example.com', to: 'http://b:1', allowed_users: [x]}
  - {from: 'https://alt.example.com:8443', to: 'http://b:2', allowed_users: [x]}
  - {from: 'https://*.wild.example.com', to: 'http://b:3', allowed_users: [x]}
"""


def text(named: str) -> str:
    return (
        f"{SIGN_IN}routes:\n  - from: https://app.example.com\n    to: http://a:1\n    allowed_users: [x]\n"
        f"    depends_on: {named}\n{OTHERS}"
    )


@pytest.mark.parametrize(
    ("named", "kept"),
    [
        ("api.example.com", ("api.example.com",)),
        ("[API.example.com., 'api.wild.example.com:443']", ("api.example.com", "api.wild.example.com:443")),
        ("['alt.example.com:8443']", ("alt.example.com:8443",)),
        ("[a.wild.example.com, b.wild.example.com, c.wild.example.com, d.wild.example.com, api.example.com]", None),
        ("[]", ()),
    ],
)
def test_hosts_of_routes(named: str, kept: tuple[str, ...] | None) -> None:
    companions = read(text(named)).model.routes[0].depends_on
    assert len(companions) == 5 if kept is None else companions == kept


@pytest.mark.parametrize(
    ("named", "below", "code", "words"),
    [
        ("[gone.example.com]", "", "no-such-host", "no route answers on `gone.example.com`"),
        ("[wild.example.com]", "", "no-such-host", "name the host of a route"),
        ("[evil.example.org]", "", "no-such-host", "nobody can be signed in there"),
        ("[alt.example.com]", "", "no-such-host", "write `:8443` behind it"),
        ("['api.example.com:8443']", "", "no-such-host", "write `:443` behind it"),
        ("[app.example.com]", "", "given-twice", "gets its cookie anyhow"),
        ("[authenticate.example.com]", "", "given-twice", "remove it"),
        ("[api.example.com, API.example.com]", "", "given-twice", "named twice"),
        ("['https://api.example.com']", "[0]", "bad-host", "write `api.example.com`"),
        ("[api.example.com/x]", "[0]", "bad-host", "is not a host"),
        ("['*.wild.example.com']", "[0]", "bad-host", "is not a host name"),
        ("[a@api.example.com]", "[0]", "bad-host", "is not a host"),
        ("''", "", "bad-host", "is not a host"),
    ],
)
def test_a_mistake(named: str, below: str, code: str, words: str) -> None:
    (problem,) = problems_of(text(named))
    assert (problem.path, problem.line, problem.code) == (f"routes[0].depends_on{below}", 10, code)
    assert words in str(problem)


def test_more_than_five_are_too_many() -> None:
    names = ", ".join(f"{letter}.wild.example.com" for letter in "abcdef")
    (problem,) = problems_of(text(f"[{names}]"))
    assert (problem.path, problem.line, problem.code) == ("routes[0].depends_on", 10, "too-many")
    assert "name 5 at most" in str(problem)
