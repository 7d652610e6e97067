"""The text of a policy test file to cases, or every mistake in it at once."""

from collections.abc import Iterator
from difflib import get_close_matches

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from access_model.load.document import read_document
from access_model.load.marks import Marks, Path
from access_model.load.problems import ConfigurationInvalid, Report
from access_model.load.wording import word
from access_model.policy_tests.case import Case, Person
from access_model.policy_tests.schema import CaseKeys, DocumentKeys, PersonKeys

_GROUPS: dict[str, type[BaseModel]] = {"users": PersonKeys, "tests": CaseKeys}


def read_policy_tests(text: str, source: str) -> tuple[Case, ...]:
    """The cases of a file; a test of several people or requests is several cases. Raises `ConfigurationInvalid`."""
    report = Report(Marks(source))
    tree = read_document(text, report)
    try:
        document = DocumentKeys.model_validate(tree)
    except ValidationError as invalid:
        for detail in invalid.errors(include_url=False):
            _report(detail, report)
        raise ConfigurationInvalid(report.errors) from None
    cases = tuple(_cases(document, report))
    if report.errors:
        raise ConfigurationInvalid(report.errors)
    return cases


def _report(detail: ErrorDetails, report: Report) -> None:
    path: Path = detail["loc"]
    if detail["type"] == "extra_forbidden":
        _report_unknown(path, report)
        return
    mistake = word(detail)
    report.error(path, mistake.code, mistake.message, mistake.remedy)


def _report_unknown(path: Path, report: Report) -> None:
    key = str(path[-1])
    names = list((_GROUPS[str(path[0])] if len(path) > 1 else DocumentKeys).model_fields)
    nearest = next(iter(get_close_matches(key, names, n=1)), None)
    remedy = (
        f"did you mean `{nearest}`?" if nearest else f"the keys here are {', '.join(f'`{name}`' for name in names)}"
    )
    report.error(path, "unknown-key", f"the key `{key}` is unknown", remedy, suggestion=nearest)


def _cases(document: DocumentKeys, report: Report) -> Iterator[Case]:
    people = {name: _person(name, keys) for name, keys in document.users.items()}
    if not document.tests and not report.errors:
        report.error((), "no-tests", "the file holds no tests", "write them under `tests:`")
    for index, keys in enumerate(document.tests):
        path: Path = ("tests", index)
        _check(path, keys, people, report)
        mark = report.marks.of(path)
        for person in [people.get(name) for name in keys.user] or [None]:
            for line in keys.request:
                method, _, url = line.strip().partition(" ")
                yield Case(
                    name=keys.name or f"test {index + 1}",
                    source=f"{mark.source}:{mark.line}",
                    person=person,
                    method=method.upper(),
                    url=url.strip(),
                    expect=keys.expect or "",
                    headers=tuple((header, value) for header, values in keys.headers.items() for value in values),
                    address=keys.ip,
                    body=keys.body,
                    certificate=keys.client_certificate,
                    at=keys.at,
                    reasons=tuple(keys.reasons),
                )


def _check(path: Path, keys: CaseKeys, people: dict[str, Person], report: Report) -> None:
    for name in keys.user:
        if name not in people:
            nearest = next(iter(get_close_matches(name, people, n=1)), None)
            remedy = f"did you mean `{nearest}`?" if nearest else "describe them under `users`, or leave the key out"
            report.error((*path, "user"), "unknown-user", f"nobody is called `{name}`", remedy, suggestion=nearest)
    if not keys.request:
        report.error((*path, "request"), "missing", "there is no request", "write `request: GET https://…`")
    for line in keys.request:
        if len(line.split()) != 2:
            message = f"`{line}` is not a method and a URL"
            report.error((*path, "request"), "bad-request", message, "write `GET https://app.example.com/path`")
    if keys.expect is None:
        report.error((*path, "expect"), "missing", "nothing is expected", "write `expect: allow`, `deny` or `login`")


def _person(name: str, keys: PersonKeys) -> Person:
    return Person(
        name=name,
        id=keys.id or name,
        email=keys.email,
        groups=None if keys.groups is None else tuple(keys.groups),
        claims={claim: tuple(values) for claim, values in keys.claims.items()},
    )
