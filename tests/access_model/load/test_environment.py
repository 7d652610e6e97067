"""The environment's word: `${NAME}` in values, variables over keys, and files beside the file."""

import pytest

from tests.access_model.reading import ROUTE, SIGN_IN, problems_of, read


def test_references_are_replaced_in_values() -> None:
    text = (
        (SIGN_IN + ROUTE)
        .replace("10.0.0.1", "${UPSTREAM}")
        .replace("idp_client_id: ostiary", "idp_client_id: a$$b${X}")
    )
    model = read(text, environment={"UPSTREAM": "10.9.9.9", "X": "$$y"}).model
    assert model.routes[0].targets[0].host == "10.9.9.9"
    assert model.provider is not None
    assert model.provider.client_id == "a$b$$y"


def test_a_replaced_value_may_be_of_any_type() -> None:
    text = f"{SIGN_IN}insecure_server: ${{PLAIN}}\nxff_num_trusted_hops: ${{HOPS}}\n{ROUTE}"
    model = read(text, environment={"PLAIN": "true", "HOPS": "3"}).model
    assert (model.listener.insecure, model.listener.trusted_hops) == (True, 3)


@pytest.mark.parametrize("literal", ["a$b", "$", "$ {X}", "${", "^/x$"])
def test_a_dollar_alone_is_a_dollar(literal: str) -> None:
    model = read(f"{SIGN_IN.replace('client_id: ostiary', f'client_id: {literal!r}')}{ROUTE}").model
    assert model.provider is not None
    assert model.provider.client_id == literal


def test_templates_are_left_for_the_proxy() -> None:
    headers = """\
    set_request_headers:
      A: ${pomerium.jwt} ${ pomerium.jwt } $pomerium.jwt
      B: ${pomerium.request.headers["X-Foo"]} $$
      C: Bearer ${TOKEN}
"""
    (route,) = read(SIGN_IN + ROUTE + headers, environment={"TOKEN": "a${pomerium.access_token}$b"}).model.routes
    assert route.set_request_headers == {
        "a": "${pomerium.jwt} ${ pomerium.jwt } $pomerium.jwt",
        "b": '${pomerium.request.headers["X-Foo"]} $$',
        "c": "Bearer a$${pomerium.access_token}$$b",
    }


def test_templates_elsewhere_are_mistakes() -> None:
    (problem,) = problems_of(f"{SIGN_IN}cookie_name: ${{pomerium.jwt}}\n{ROUTE}")
    assert (problem.path, problem.code) == ("cookie_name", "bad-reference")


def test_a_variable_beats_the_key_of_its_name() -> None:
    environment = {"IDP_CLIENT_ID": "other", "COOKIE_EXPIRE": "1h", "LOG_LEVEL": "", "ROUTES": "x", "idp_provider": "y"}
    model = read(f"{SIGN_IN}log_level: debug\n{ROUTE}", environment=environment).model
    assert model.provider is not None
    assert model.provider.client_id == "other"
    assert model.cookie.expire.total_seconds() == 3600
    assert model.log_level == "debug"


def test_a_variable_displaces_the_other_form_of_its_key() -> None:
    text = f"{SIGN_IN}shared_secret_file: gone\nsession_store_url: memory://\n{ROUTE}"
    environment = {"SHARED_SECRET": "x" * 33, "DATABROKER_STORAGE_CONNECTION_STRING": "postgres://h/d"}
    model = read(text, environment=environment).model
    assert model.shared_secret is not None
    assert model.shared_secret.reveal() == b"x" * 33
    assert model.store_url == "postgresql://h/d"


@pytest.mark.parametrize("variable", ["SESSION_STORE_URL", "DATABROKER_STORAGE_CONNECTION_STRING"])
@pytest.mark.parametrize("key", ["session_store_url_file", "databroker_storage_connection_string_file"])
def test_a_variable_displaces_a_file_under_either_name(key: str, variable: str) -> None:
    model = read(f"{SIGN_IN}{key}: gone\n{ROUTE}", environment={variable: "memory://"}).model
    assert model.store_url == "memory://"


def test_a_mistake_in_a_variable_names_the_variable() -> None:
    (problem,) = problems_of(SIGN_IN + ROUTE, environment={"SHARED_SECRET": "short"})
    assert (problem.source, problem.path, problem.line) == ("environment", "SHARED_SECRET", None)
    assert str(problem).startswith("environment: SHARED_SECRET: the secret is shorter than 32 bytes - ")


def test_secrets_from_files() -> None:
    text = f"{SIGN_IN}shared_secret_file: s\nidp_client_secret_file: c\n{ROUTE}"
    loaded = read(text, files={"s": b"s" * 33 + b"\n", "c": b"client\n"})
    assert loaded.model.shared_secret is not None
    assert loaded.model.shared_secret.reveal() == b"s" * 33
    assert loaded.model.provider is not None
    assert loaded.model.provider.client_secret is not None
    assert loaded.model.provider.client_secret.reveal() == b"client"
    assert set(loaded.files) == {"s", "c"}


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * (1 << 21)])
def test_a_file_that_is_no_text_is_refused(content: bytes) -> None:
    (problem,) = problems_of(f"{SIGN_IN}shared_secret_file: s\n{ROUTE}", files={"s": content})
    assert (problem.path, problem.code) == ("shared_secret_file", "unreadable-file")


def test_an_empty_client_secret_file_is_refused() -> None:
    (problem,) = problems_of(f"{SIGN_IN}idp_client_secret_file: c\n{ROUTE}", files={"c": b"\n"})
    assert (problem.path, problem.code) == ("idp_client_secret_file", "empty-secret")
