"""Whatever the text, the answer is a model or `ConfigurationInvalid`: one odd route never takes a process down."""

from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from access_model.load import ConfigurationInvalid, load
from access_model.schema import RouteKeys, Settings

WORDS = st.sampled_from(
    ["https://app.example.com", "https://*.a.b", "http://127.0.0.1:8443", "/x", "30s", "true", "${X}", "$$", "[", "-1"]
) | st.sampled_from([":443", "127.0.0.1:1", "unix:///x", "oidc", "memory://", "a@b", "http://[::1", "https://a:b", "("])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=12)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=6), inner, max_size=3)
)
ROUTE = st.dictionaries(
    st.sampled_from([field.alias or name for name, field in RouteKeys.model_fields.items()]), ANYTHING, max_size=8
)
FILE = st.dictionaries(st.sampled_from(list(Settings.model_fields)), ANYTHING, max_size=10)


def survives(text: str) -> None:
    def read_file(name: str) -> bytes:
        if "\0" in name:
            raise ValueError("embedded null byte")
        raise FileNotFoundError(2, "No such file or directory", name)

    try:
        loaded = load(text, source="f.yaml", environment={"X": "$y"}, read_file=read_file)
    except ConfigurationInvalid as invalid:
        problems = invalid.problems
    else:
        assert loaded.model.revision
        return
    assert problems
    assert all(problem.message and problem.remedy and problem.code for problem in problems)


@settings(max_examples=150, deadline=None)
@given(FILE, st.lists(ROUTE | ANYTHING, max_size=4))
def test_documents_of_known_keys_and_unlikely_values(top: dict[str, Any], routes: list[Any]) -> None:
    survives(yaml.safe_dump(top | {"routes": routes}, allow_unicode=True))


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from(" \n\t-:[]{}&*!|>'\"%@`#?,abc$~<0\u00e9\u2028\x00"), max_size=60) | st.text())
def test_any_text(text: str) -> None:
    survives(text)
