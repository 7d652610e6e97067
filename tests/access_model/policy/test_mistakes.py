"""What a policy can get wrong: where it is reported, under which code, and what the remedy says."""

from textwrap import dedent

import pytest

from access_model.policy import parse_policy
from tests.access_model.policy.documents import read_tree
from tests.access_model.reading import SIGN_IN, problems_of, read

DOCUMENTS = [
    # (policy, path, code, words of message or remedy)
    ("x", "", "bad-mapping", "`x` is not a mapping"),
    ("[x]", "0", "bad-mapping", "write `allow:` or `deny:` and"),
    ("[null]", "0", "bad-mapping", "nothing is not a mapping"),
    ("{alow: {}}", "alow", "unknown-action", "did you mean `allow`?"),
    ("{xyz: {}}", "xyz", "unknown-action", "write one of `allow`, `deny`"),
    ("{allow: []}", "allow", "bad-mapping", "a list is not a mapping"),
    ("{allow: {xor: []}}", "allow.xor", "unknown-operator", "did you mean `or`?"),
    ("{allow: {or: {}}}", "allow.or", "bad-list", "write one `- ` line"),
    ("{allow: {or: accept}}", "allow.or", "bad-list", "`accept` is not a list"),
    ("{allow: {or: [accept]}}", "allow.or.0", "bad-criterion", "`accept` is not a criterion"),
    ("{allow: {or: [{}]}}", "allow.or.0", "bad-criterion", "a mapping is not a criterion"),
    ("{allow: {or: [{accept: 1, reject: 1}]}}", "allow.or.0", "bad-criterion", "several criteria"),
    ("{allow: {or: [{mail: a}]}}", "allow.or.0.mail", "unknown-criterion", "did you mean `email`?"),
    ("{allow: {or: [{xyzzy: a}]}}", "allow.or.0.xyzzy", "unknown-criterion", "write one of `accept`"),
    ("{allow: {or: [{and: []}]}}", "allow.or.0.and", "nested-operator", "entries are OR-ed"),
    ("{allow: {or: [{device: {is: x}}]}}", "allow.or.0.device", "not-supported-yet", "`device` is not supported"),
    ("{allow: {or: [{email/x: a}]}}", "allow.or.0.email/x", "unexpected-path", "write `email`"),
    ("{allow: {or: [{claim: a}]}}", "allow.or.0.claim", "missing-path", "write `claim/<name>`"),
    ("{allow: {or: [{claim/: a}]}}", "allow.or.0.claim/", "missing-path", "write `claim/<name>`"),
    ("{allow: {or: [{email: }]}}", "allow.or.0.email", "bad-matcher", "nothing is nothing to compare with"),
    ("{allow: {or: [{email: ''}]}}", "allow.or.0.email", "bad-text", "is not a text"),
    ("{allow: {or: [{email: [a]}]}}", "allow.or.0.email", "bad-matcher", "write `{in: [...]}`"),
    ("{allow: {or: [{email: {}}]}}", "allow.or.0.email", "bad-matcher", "write a text, or `{is: ...}`"),
    ("{allow: {or: [{email: {start_with: a}}]}}", "allow.or.0.email.start_with", "unknown-operator", "`starts_with`?"),
    ("{allow: {or: [{email: {is: [a]}}]}}", "allow.or.0.email.is", "bad-text", "a list is not a text"),
    ("{allow: {or: [{email: {in: []}}]}}", "allow.or.0.email.in", "empty-list", "at least one"),
    ("{allow: {or: [{email: {in: [a, {}]}}]}}", "allow.or.0.email.in.1", "bad-text", "a mapping is not a text"),
    ("{allow: {or: [{groups: [a]}]}}", "allow.or.0.groups", "bad-matcher", "write a text, or `{has: ...}`"),
    ("{allow: {or: [{groups: {in: a}}]}}", "allow.or.0.groups.in", "unknown-operator", "write one of `has`"),
    ("{allow: {or: [{source_ip: 10.0.0.1/8}]}}", "allow.or.0.source_ip", "bad-network", "bits set behind its prefix"),
    (
        '{allow: {or: [{source_ip: ["::1", x]}]}}',
        "allow.or.0.source_ip.1",
        "bad-network",
        "neither an address nor a network",
    ),
    ("{allow: {or: [{header: x}]}}", "allow.or.0.header", "bad-mapping", "write `{name: x-environment"),
    ("{allow: {or: [{header: {is: x}}]}}", "allow.or.0.header.name", "bad-text", "nothing is not a text"),
    ("{allow: {or: [{header: {name: x}}]}}", "allow.or.0.header", "bad-matcher", "nothing to compare the header"),
    ("{allow: {or: [{header: {name: 'a b', is: x}}]}}", "allow.or.0.header.name", "bad-header-name", "`a b`"),
    ("{allow: {or: [{header: {nam: x, is: x}}]}}", "allow.or.0.header.nam", "unknown-key", "did you mean `name`?"),
    ("{allow: {or: [{date: {}}]}}", "allow.or.0.date", "bad-mapping", "write `{after"),
    ("{allow: {or: [{date: {after: soon}}]}}", "allow.or.0.date.after", "bad-date", "write ISO 8601"),
    ("{allow: {or: [{date: {after: 2027-01-01, before: 2026-01-01}}]}}", "allow.or.0.date.before", "never-true", ""),
    ("{allow: {or: [{day_of_week: mo}]}}", "allow.or.0.day_of_week", "unknown-day", "did you mean `mon`?"),
    ("{allow: {or: [{day_of_week: sun-mon}]}}", "allow.or.0.day_of_week", "bad-days", "runs backwards"),
    ("{allow: {or: [{day_of_week: ''}]}}", "allow.or.0.day_of_week", "bad-text", ""),
    ("{allow: {or: [{time_of_day: {after: 7am}}]}}", "allow.or.0.time_of_day", "missing", "`timezone` is missing"),
    ("{allow: {or: [{time_of_day: {timezone: UTC}}]}}", "allow.or.0.time_of_day", "missing", "neither"),
    (
        "{allow: {or: [{time_of_day: {timezone: Europe/Berln, after: 7am}}]}}",
        "allow.or.0.time_of_day.timezone",
        "unknown-timezone",
        "IANA",
    ),
    (
        "{allow: {or: [{time_of_day: {timezone: ../etc/passwd, after: 7am}}]}}",
        "allow.or.0.time_of_day.timezone",
        "unknown-timezone",
        "IANA",
    ),
    (
        "{allow: {or: [{time_of_day: {timezone: UTC, after: '25:00'}}]}}",
        "allow.or.0.time_of_day.after",
        "bad-time",
        "write `3:04 PM`",
    ),
    (
        "{allow: {or: [{time_of_day: {timezone: UTC, after: 13PM}}]}}",
        "allow.or.0.time_of_day.after",
        "bad-time",
        "`13PM` is not a time",
    ),
    ("{allow: {or: [{time_of_day: {timezone: UTC, after: 7}}]}}", "allow.or.0.time_of_day.after", "bad-time", ""),
    (
        "{allow: {or: [{time_of_day: {timezone: UTC, after: '20:00', before: '6:00'}}]}}",
        "allow.or.0.time_of_day.before",
        "never-true",
        "two criteria under `or`",
    ),
    (
        """{allow: {or: [day_of_week: mon,
        time_of_day: {timezone: UTC, after: 7am}, time_of_day: {timezone: Asia/Tokyo, before: 7am}]}}""",
        "allow.or.0.day_of_week",
        "ambiguous-timezone",
        "write `{days: mon-fri",
    ),
    ("{allow: {or: [{auth_age: 15}]}}", "allow.or.0.auth_age", "bad-duration", "write `15m`"),
    ("{allow: {or: [{auth_age: 0s}]}}", "allow.or.0.auth_age", "bad-duration", "`0s` is not a duration that lasts"),
    ("{allow: {or: [{auth_age: 9999999h}]}}", "allow.or.0.auth_age", "bad-duration", ""),
    ("{allow: {or: [{client_certificate: {cn: x}}]}}", "allow.or.0.client_certificate.cn", "unknown-key", ""),
    (
        "{allow: {or: [{client_certificate: {fingerprint: ab:cd}}]}}",
        "allow.or.0.client_certificate.fingerprint",
        "bad-fingerprint",
        "64 hex digits",
    ),
    (
        "{allow: {or: [{client_certificate: {spki_hash: abc}}]}}",
        "allow.or.0.client_certificate.spki_hash",
        "bad-spki-hash",
        "base64",
    ),
    ("{allow: {or: [{record: {field: a, is: b}}]}}", "allow.or.0.record.type", "bad-text", ""),
    ("{allow: {or: [{record: {type: t, is: b}}]}}", "allow.or.0.record.field", "bad-text", ""),
    ("{allow: {or: [{record: {type: t, field: f}}]}}", "allow.or.0.record", "bad-matcher", "nothing to compare"),
    ("{allow: {or: [{record: {type: t, exists: maybe}}]}}", "allow.or.0.record.exists", "bad-truth", ""),
    ("{allow: {or: [{record: {type: t, exists: true, is: b}}]}}", "allow.or.0.record.is", "given-twice", ""),
    ("{allow: {or: [{record: {type: t, field: f, '<': soon}}]}}", "allow.or.0.record.<", "bad-number", "a date"),
    ("{allow: {or: [{record: {type: t, field: f, '<': nan}}]}}", "allow.or.0.record.<", "bad-number", ""),
]


@pytest.mark.parametrize(("text", "path", "code", "words"), DOCUMENTS, ids=[text for text, *_ in DOCUMENTS])
def test_mistake(text: str, path: str, code: str, words: str) -> None:
    (mistake,) = parse_policy(read_tree(f"{{policy: {text}}}")["policy"]).mistakes
    assert (".".join(map(str, mistake.path)), mistake.code) == (path, code)
    assert words in f"{mistake.message} - {mistake.remedy}"


def test_every_mistake_is_reported_with_its_line() -> None:
    route = """\
    routes:
      - from: https://app.example.com
        to: http://10.0.0.1
        policy:
          - allow:
              or:
                - emial: alice@example.com
                - domain: {is: example.com}
          - deny:
              nand: []
              not:
                - source_ip: 10.0.0.300
    """
    found = [(each.path, each.line, each.code, each.suggestion) for each in problems_of(SIGN_IN + dedent(route))]
    assert found == [
        ("routes[0].policy[0].allow.or[0].emial", 12, "unknown-criterion", "email"),
        ("routes[0].policy[1].deny.nand", 15, "unknown-operator", "and"),
        ("routes[0].policy[1].deny.not[0].source_ip", 17, "bad-network", None),
    ]


def test_the_environment_reaches_into_a_policy() -> None:
    text = """\
    insecure_server: true
    routes:
      - {from: http://a.example.com, to: http://10.0.0.1, policy: {allow: {or: [{source_ip: "${OFFICE}"}]}}}
    """
    (route,) = read(text, environment={"OFFICE": "192.0.2.0/24"}).model.routes
    assert "192.0.2.0/24" in str(route.policy)


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ("policy: {}", "nobody-allowed"),
        ("policy: {deny: {or: [{accept: true}]}}", "nobody-allowed"),
        ("policy: {allow: {or: [{record: {type: t, exists: true}}, {http_method: GET}]}}", "no-facts"),
    ],
)
def test_warnings(keys: str, code: str) -> None:
    text = f"""\
    authenticate_service_url: https://authenticate.example.com
    idp_provider: oidc
    idp_provider_url: https://id.example.com
    idp_client_id: ostiary
    address: 127.0.0.1:8443
    routes: [{{from: "https://a.example.com", to: "http://10.0.0.1", {keys}}}]
    """
    assert [each.code for each in read(text).warnings] == [code]


def test_a_route_whose_policy_asks_for_nobody_needs_no_provider() -> None:
    text = """\
    address: 127.0.0.1:8443
    routes:
      - from: https://a.example.com
        to: http://10.0.0.1
        policy: {allow: {or: [{http_path: /x}]}, deny: {or: [{%s}]}}
    """
    assert read(text % "http_method: POST").warnings == ()
    codes = {each.path for each in problems_of(text % "email: a@b")}
    assert codes == {"authenticate_service_url", "idp_provider"}
