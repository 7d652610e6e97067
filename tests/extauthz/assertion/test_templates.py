"""Header templates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access_model.secret import Secret
from extauthz.assertion.templates import ACCESS_TOKEN, ID_TOKEN, JWT, Template, TemplateContext

CONTEXT = TemplateContext(
    jwt="a.b.c",
    access_token=Secret.of("the-access-token"),
    id_token=Secret.of("the-id-token"),
    client_cert_fingerprint="0a1b",
    request_headers={"x-foo": ("one", "two"), "x-evil": ("${pomerium.access_token}",), 'x"y': ("quoted",)},
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("plain text", "plain text"),
        ("${pomerium.jwt}", "a.b.c"),
        ("Bearer ${pomerium.access_token}", "Bearer the-access-token"),
        ("${pomerium.id_token}${pomerium.id_token}", "the-id-tokenthe-id-token"),
        ("<${pomerium.client_cert_fingerprint}>", "<0a1b>"),
        ('${pomerium.request.headers["X-Foo"]}', "one,two"),
        ('${pomerium.request.headers["X-Missing"]}', ""),
        # without braces
        ("Bearer $pomerium.jwt;v=1", "Bearer a.b.c;v=1"),
        ("$pomerium.jwt.", "a.b.c."),
        ('$pomerium.request.headers["X-Foo"]!', "one,two!"),
        # spaces
        ("${ pomerium.jwt }", "a.b.c"),
        ('${\tpomerium . request . headers [ "X-Foo" ] }', "one,two"),
        # the dollar
        ("$$", "$"),
        ("$${pomerium.jwt}", "${pomerium.jwt}"),
        ("$$$pomerium.jwt", "$a.b.c"),
        ("100 $ and $", "100 $ and $"),
        ("$ pomerium.jwt", "$ pomerium.jwt"),
        # unknown
        ("<${pomerium.unknown}>", "<>"),
        ("<$unknown>", "<>"),
        ("<${pomerium}>", "<>"),
        ("<${pomerium.jwt.more}>", "<>"),
        ("<${POMERIUM.JWT}>", "<>"),
        # literal, because it is no reference
        ("${", "${"),
        ("${pomerium.jwt", "${pomerium.jwt"),
        ("${}", "${}"),
        ("${pomerium.}", "${pomerium.}"),
        ('${pomerium.request.headers["X-Foo}', '${pomerium.request.headers["X-Foo}'),
        ("${pomerium.jwt!}", "${pomerium.jwt!}"),
        ("${${pomerium.jwt}}", "${a.b.c}"),
        # never again
        ('${pomerium.request.headers["X-Evil"]}', "${pomerium.access_token}"),
        # escapes in strings
        (r'${pomerium.request.headers["x\"y"]}', "quoted"),
        (r'${pomerium.request.headers["\x-foo"]}', "one,two"),
    ],
)
def test_expansion(text: str, expected: str) -> None:
    assert Template.parse(text).expand(CONTEXT) == expected


@pytest.mark.parametrize("name", ["jwt", "access_token", "id_token", "client_cert_fingerprint"])
def test_what_is_not_there_is_empty(name: str) -> None:
    assert Template.parse(f"<${{pomerium.{name}}}>").expand(TemplateContext()) == "<>"


def test_a_value_cannot_break_out_of_its_header() -> None:
    context = TemplateContext(access_token=Secret.of("x\r\ny: z\x00"))
    assert Template.parse("Bearer ${pomerium.access_token}").expand(context) == "Bearer x%0D%0Ay: z%00"


def test_a_template_knows_what_it_needs() -> None:
    template = Template.parse("${pomerium.jwt} $pomerium.id_token $$pomerium.access_token")
    assert [template.uses(path) for path in (JWT, ID_TOKEN, ACCESS_TOKEN)] == [True, True, False]


def test_a_context_prints_no_secret() -> None:
    assert "the-" not in repr(CONTEXT)
    assert "a.b.c" not in repr(CONTEXT)


@given(st.text())
def test_every_text_is_a_template(text: str) -> None:
    Template.parse(text).expand(CONTEXT)


@given(st.text(st.characters(exclude_characters="$")))
def test_text_without_dollar_stays_as_it_is(text: str) -> None:
    assert Template.parse(text).expand(CONTEXT) == text
