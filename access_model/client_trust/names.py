"""Whether a certificate has a name that is wanted (`match_subject_alt_names`)."""

from collections.abc import Callable, Iterable, Sequence

from cryptography import x509

from access_model.client_certificate import alternative_names
from access_model.model import NameKind, SubjectName
from access_model.pattern import compiled

_VALUES: dict[NameKind, Callable[[x509.SubjectAlternativeName], Iterable[str]]] = {
    "dns": lambda names: names.get_values_for_type(x509.DNSName),
    "email": lambda names: names.get_values_for_type(x509.RFC822Name),
    "ip_address": lambda names: map(str, names.get_values_for_type(x509.IPAddress)),
    "uri": lambda names: names.get_values_for_type(x509.UniformResourceIdentifier),
}


def names_objection(leaf: x509.Certificate, rules: Sequence[SubjectName]) -> str | None:
    """What the rules have against the names of a certificate, for operators; None without rules, or where one holds."""
    names = alternative_names(leaf)
    if not rules or any(compiled(rule.pattern).matches(name) for rule in rules for name in _VALUES[rule.kind](names)):
        return None
    return "none of its subject alternative names fits `match_subject_alt_names`"
