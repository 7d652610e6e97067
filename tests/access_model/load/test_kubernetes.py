"""`kubernetes_service_account_token`: what is a token, and what goes with it."""

import pytest

from tests.access_model.reading import SIGN_IN, problems_of, read

KEY = "kubernetes_service_account_token"


def text(keys: str) -> str:
    lines = f"from: https://k.example.com\nto: https://10.0.0.1:6443\nallowed_users: [x]\n{keys}".split("\n")
    return f"{SIGN_IN}routes:\n  - " + "\n    ".join(lines) + "\n"


@pytest.mark.parametrize(
    ("keys", "files"),
    [(f"{KEY}: abc.def", {}), (f"{KEY}_file: token", {"token": b"abc.def\n"})],
)
def test_the_token_is_read_and_kept_from_view(keys: str, files: dict[str, bytes]) -> None:
    loaded = read(text(keys), files=files)
    token = loaded.model.routes[0].kubernetes_token
    assert token is not None
    assert token.reveal_text() == "abc.def"
    assert "abc.def" not in repr(loaded.model)
    assert loaded.files == tuple(files), "the file is followed"


def test_a_rotated_token_is_another_revision() -> None:
    revisions = {read(text(f"{KEY}_file: token"), files={"token": each}).model.revision for each in (b"one", b"two")}
    assert len(revisions) == 2


@pytest.mark.parametrize(
    ("keys", "below", "line", "code", "words"),
    [
        (f"{KEY}: ''", KEY, 10, "bad-token", "as one word"),
        (f"{KEY}: Bearer x", KEY, 10, "bad-token", "give the token alone"),
        (f'{KEY}: "a\\nb"', KEY, 10, "bad-token", "not a bearer token"),
        (f"{KEY}_file: gone", f"{KEY}_file", 10, "unreadable-file", "`gone`"),
        (f"{KEY}: x\n{KEY}_file: y", f"{KEY}_file", 11, "given-twice", "keep"),
        (
            f"{KEY}: x\nset_request_headers: {{Authorization: y}}",
            "set_request_headers",
            11,
            "given-twice",
            "tells the API server who asks",
        ),
        (f"{KEY}: x\nremove_request_headers: Impersonate-User", "remove_request_headers", 11, "given-twice", "remove"),
        (f"{KEY}: x\njwt_claims_headers: {{Impersonate-Uid: sub}}", "jwt_claims_headers", 11, "given-twice", "remove"),
    ],
)
def test_a_mistake(keys: str, below: str, line: int, code: str, words: str) -> None:
    (problem,) = problems_of(text(keys))
    assert (problem.path, problem.line, problem.code) == (f"routes[0].{below}", line, code)
    assert words in str(problem)
