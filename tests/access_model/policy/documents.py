"""The tables in tests/policy_documents: whole policies, what is asked of them, and what they come to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import yaml

from access_model.client_certificate import CertificateNames, read_certificate
from access_model.facts import ClientCertificate, Identity, Record, RecordKey, RequestFacts
from access_model.load.document import read_document
from access_model.load.marks import Marks
from access_model.load.problems import Report
from access_model.policy import Policy, PolicyInput, parse_policy

FOLDER = Path(__file__).parents[2] / "policy_documents"
TABLES = sorted(each for each in FOLDER.glob("*.yaml") if each.stem not in ("people", "records"))
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""When it is asked, a Sunday."""
NOBODY = "nobody"


@dataclass(frozen=True)
class Records:
    """External data of the tables."""

    kinds: Mapping[str, Mapping[str, Any]]

    def key_of(self, kind: str) -> RecordKey | None:
        return RecordKey(self.kinds[kind]["key"]) if kind in self.kinds else None

    def find(self, kind: str, key: str) -> Record | None:
        found: Record | None = self.kinds[kind]["records"].get(key)
        return found


@dataclass(frozen=True)
class Case:
    """One row: a policy, a request, and the decision."""

    document: str
    """File and number of the document in it."""
    place: str
    """The same with the case, for people."""
    tree: Any
    """The policy as it was written."""
    who: str
    """Somebody of people.yaml, or `nobody`."""
    asked: PolicyInput
    """What is asked."""
    outcome: str
    """`allow`, `deny`, `certificate`, `sign-in`, `step-up` or `unavailable`."""
    because: frozenset[str]
    """The reasons of the decision."""
    through_envoy: bool
    """Whether a client can ask exactly this through a real Envoy, so that it is asked there as well."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """The request's headers, where each has one value."""

    def policy(self) -> Policy:
        """The compiled policy, which is to be without mistake."""
        parsed = parse_policy(self.tree)
        assert parsed.mistakes == (), self.place
        return parsed.policy


@cache
def every_case() -> tuple[Case, ...]:
    """All rows of all tables."""
    return tuple(case for table in TABLES for case in _cases(table))


@cache
def people() -> Mapping[str, Identity]:
    """Who asks, by name."""
    given = yaml.safe_load((FOLDER / "people.yaml").read_text())
    return {name: _person(**attributes) for name, attributes in given.items()}


@cache
def records() -> Records:
    """The external data."""
    return Records(yaml.load(_filled((FOLDER / "records.yaml").read_text()), Loader=_PlainLoader))


def read_tree(text: str) -> Any:
    """A YAML text as the configuration reads it: every scalar is text."""
    report = Report(Marks("table.yaml"))
    tree = read_document(text, report)
    assert not report.errors, report.errors
    return tree


def _cases(table: Path) -> Iterator[Case]:
    for number, document in enumerate(read_tree(_filled(table.read_text()))["documents"]):
        for index, row in enumerate(document["cases"]):
            yield Case(
                document=f"{table.stem}-{number}",
                place=f"{table.stem}-{number}-{index}-{row['who']}-{row['is']}",
                tree=document["policy"],
                who=row["who"],
                asked=_asked(row),
                outcome=row["is"],
                because=frozenset(row["because"]),
                through_envoy="envoy" in document,
                headers={name: value for name, value in row.get("headers", {}).items() if isinstance(value, str)},
            )


def _asked(row: Mapping[str, Any]) -> PolicyInput:
    method, _, path = row.get("ask", "GET /").partition(" ")
    plain = RequestFacts(method, "https", "app.example.com", "app.example.com", path, path, "")
    headers = {
        name: (value,) if isinstance(value, str) else tuple(value) for name, value in row.get("headers", {}).items()
    }
    request = replace(
        plain,
        headers=headers,
        client_address=ip_address(row["ip"]) if "ip" in row else None,
        client_certificate=_certificate(row["certificate"]) if "certificate" in row else None,
        body=row.get("body", "").encode(),
    )
    identity = None if row["who"] == NOBODY else people()[row["who"]]
    now = datetime.fromisoformat(row["at"]) if "at" in row else NOON
    return PolicyInput(request, identity, now, records())


def _certificate(words: str) -> ClientCertificate:
    *doubt, name = words.split()
    pem = "no certificate at all" if name == "broken" else _pem(name)
    return ClientCertificate(pem, trusted=not doubt)


def _pem(name: str) -> str:
    return (FOLDER / "certificates" / f"{name}.pem").read_text()


def _names(name: str) -> CertificateNames:
    names = read_certificate(_pem(name))
    assert names is not None
    return names


def _filled(text: str) -> str:
    laptop = _names("laptop")
    return text.replace("LAPTOP_KEY", laptop.spki_hash).replace("LAPTOP", laptop.fingerprint)


def _person(**attributes: Any) -> Identity:
    claims = {
        key: {name: tuple(values) for name, values in attributes.get(key, {}).items()}
        for key in ("user_claims", "session_claims")
    }
    sequences = {key: tuple(attributes.get(key, ())) for key in ("groups", "amr")}
    return Identity(**{**attributes, **claims, **sequences, "session_id": "session-1"})


class _PlainLoader(yaml.SafeLoader):
    """Reads dates as the text that JSON would have."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
