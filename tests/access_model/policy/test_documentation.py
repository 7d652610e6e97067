"""Every example in docs/policy.md: that it is a policy, and that it comes to what stands below it."""

import json
import re
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path

import pytest

from access_model.facts import ClientCertificate, RequestFacts
from access_model.policy import Policy, PolicyInput, parse_policy
from access_model.policy.criteria import WORDS
from extauthz.decide import Known, decide
from tests.access_model.policy.documents import FOLDER, NOBODY, NOON, people, read_tree, records
from tests.access_model.policy.test_documents import outcome_of
from tests.access_model.reading import SIGN_IN, read
from tests.extauthz.decide.policies import a_route

TEXT = (Path(__file__).parents[3] / "docs" / "policy.md").read_text()
SECTION = re.compile(r"^### `([^`]+)`[^\n]*\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"```yaml\n(.*?)```\n```text\n(.*?)```", re.DOTALL)
ROWS = [
    (word, policy, line)
    for word, section in SECTION.findall(TEXT)
    for policy, lines in EXAMPLE.findall(section)
    for line in lines.strip().splitlines()
]


def policy_of(text: str) -> Policy:
    parsed = parse_policy(read_tree(text))
    assert parsed.mistakes == ()
    return parsed.policy


def asked_in(line: str) -> tuple[PolicyInput, str]:
    """Read `who [METHOD PATH] {from|with|at|presents|calls VALUE} outcome`."""
    who, *words, outcome = line.split()
    method, path = (words.pop(0), words.pop(0)) if words and words[0].isupper() else ("GET", "/")
    request, now = RequestFacts(method, "https", "a", "a", path, path, ""), NOON
    for word, value in zip(words[::2], words[1::2], strict=True):
        match word:
            case "from":
                request = replace(request, client_address=ip_address(value))
            case "with":
                name, _, text = value.partition("=")
                request = replace(request, headers={**request.headers, name: (*request.headers.get(name, ()), text)})
            case "at":
                now = datetime.fromisoformat(value)
            case "presents":
                pem = (FOLDER / "certificates" / f"{value}.pem").read_text()
                request = replace(request, client_certificate=ClientCertificate(pem, trusted=True))
            case "calls":
                call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": value}}
                request = replace(request, body=json.dumps(call).encode())
            case _:
                pytest.fail(f"`{word}` in `{line}`")
    return PolicyInput(request, None if who == NOBODY else people()[who], now, records()), outcome


@pytest.mark.parametrize(("word", "policy", "line"), ROWS, ids=[f"{word}: {line}" for word, _, line in ROWS])
def test_example(word: str, policy: str, line: str) -> None:
    assert word.partition("/")[0] in policy
    asked, outcome = asked_in(line)
    known = Known(asked.identity, records=asked.records)
    assert outcome_of(decide(asked.request, a_route(policy_of(policy)), known, asked.now)) == outcome


def test_every_criterion_is_documented_with_an_example() -> None:
    assert {word.partition("/")[0] for word, _, _ in ROWS} == WORDS.keys()


def test_the_example_at_the_top_is_a_configuration() -> None:
    first = TEXT.split("```yaml\n")[1].split("```")[0]
    (route,) = read(SIGN_IN + first).model.routes
    assert len(route.policy.allow) == len(route.policy.deny) == 1
