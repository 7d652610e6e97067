import pytest

from access_model.load.decision_log import ABSENT, FIELDS, SECRET
from tests.access_model.reading import ROUTE, SIGN_IN, problems_of, read


def test_left_out_it_is_our_own_choice() -> None:
    assert read(SIGN_IN + ROUTE).model.decision_log_fields == ()
    assert read(SIGN_IN + "authorize_log_fields: []\n" + ROUTE).model.decision_log_fields == ()


def test_fields_are_folded_and_each_is_there_once() -> None:
    model = read(SIGN_IN + "authorize_log_fields: Path,ip headers.X-Team,path\n" + ROUTE).model
    assert model.decision_log_fields == ("path", "ip", "headers.x-team")


def test_no_field_is_both_offered_and_refused() -> None:
    assert not set(FIELDS) & (SECRET.keys() | ABSENT.keys())


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("pth", "unknown-field", "did you mean `path`?"),
        ("wholly-other", "unknown-field", "write `headers.<name>` or one of email, host"),
        ("headers.a b", "unknown-field", "is no field of the decision log"),
        ("headers.", "unknown-field", "is no field of the decision log"),
        ("headers", "secret-in-log", "every cookie and every token: remove it"),
        ("id-token", "secret-in-log", "other services may take for the user"),
        ("body", "secret-in-log", "passwords"),
        ("headers.Cookie", "secret-in-log", "lets its readers in"),
        ("headers.authorization", "secret-in-log", "lets its readers in"),
        ("headers.proxy-authorization", "secret-in-log", "lets its readers in"),
        ("headers.X-Pomerium-Authorization", "secret-in-log", "lets its readers in"),
        ("headers.X-Who", "secret-in-log", "lets its readers in"),
    ],
)
def test_what_cannot_be_logged_is_refused(text: str, code: str, words: str) -> None:
    top = f"jwt_assertion_header: X-Who\nauthorize_log_fields: [ip, '{text}']\n"
    (problem,) = problems_of(top + SIGN_IN + ROUTE)
    assert (problem.path, problem.code, problem.line) == ("authorize_log_fields[1]", code, 2)
    assert words in f"{problem.message}: {problem.remedy}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("impersonate-email", "nobody asks in another's name here: remove it"),
        ("Check-Request-Id", "`request-id` tells it"),
        ("envoy-route-id", "`route-id` names the route"),
        ("mcp-tool", "does not look into bodies"),
    ],
)
def test_what_there_is_nothing_to_tell_of_is_left_out_with_a_warning(text: str, words: str) -> None:
    loaded = read(SIGN_IN + f"authorize_log_fields: [ip, '{text}']\n" + ROUTE)
    assert loaded.model.decision_log_fields == ("ip",)
    (warning,) = loaded.warnings
    assert (warning.path, warning.code) == ("authorize_log_fields[1]", "no-effect")
    assert words in f"{warning.message}: {warning.remedy}"
