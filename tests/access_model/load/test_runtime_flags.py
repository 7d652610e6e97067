import pytest

from tests.access_model.reading import ROUTE, SIGN_IN, problems_of, read


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", False),
        ("runtime_flags: {}", False),
        ("runtime_flags: {pomerium_jwt_endpoint: false}", False),
        ("runtime_flags: {pomerium_jwt_endpoint: true}", True),
        ("pomerium_jwt_endpoint: true\nruntime_flags: {pomerium_jwt_endpoint: false}", True),
    ],
)
def test_the_assertion_is_shown_by_key_or_by_flag(text: str, shown: bool) -> None:
    loaded = read(SIGN_IN + ROUTE + text)
    assert loaded.model.jwt_endpoint is shown
    assert loaded.warnings == ()


def test_a_flag_that_switches_nothing_is_named() -> None:
    loaded = read("runtime_flags:\n  config_hot_reload: true\n" + SIGN_IN + ROUTE)
    (warning,) = loaded.warnings
    assert (warning.path, warning.code, warning.line) == ("runtime_flags.config_hot_reload", "no-effect", 2)
    assert "`config_hot_reload`" in warning.message


def test_a_flag_is_true_or_false() -> None:
    (problem,) = problems_of("runtime_flags: {pomerium_jwt_endpoint: perhaps}\n" + SIGN_IN + ROUTE)
    assert (problem.path, problem.line) == ("runtime_flags.pomerium_jwt_endpoint", 1)
