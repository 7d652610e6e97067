"""The access keys of a route (`allowed_users` and so on) as the policy they stand for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from access_model.policy.criteria import Accept, AuthenticatedUser, Claim, CorsPreflight, Domain, Email, Groups, User
from access_model.policy.matching import Has, Is
from access_model.policy.tree import Leaf, Operator, Policy, Rule


@dataclass(frozen=True, slots=True)
class Shorthands:
    """What the access keys of one route say."""

    public: bool = False
    """`allow_public_unauthenticated_access`."""
    cors_preflight: bool = False
    """`cors_allow_preflight`."""
    any_authenticated_user: bool = False
    """`allow_any_authenticated_user`."""
    domains: Sequence[str] = ()
    """`allowed_domains`."""
    groups: Sequence[str] = ()
    """`allowed_groups`: ids or names of directory groups."""
    claims: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """`allowed_idp_claims`: claim to the values of which one is enough."""
    users: Sequence[str] = ()
    """`allowed_users`: user ids or e-mail addresses."""


def compile_shorthands(shorthands: Shorthands) -> Policy:
    """Build the one `allow: or:` that the keys stand for, in the documented order; without any, nobody is allowed."""
    criteria = tuple(_criteria(shorthands))
    return Policy(allow=(Rule((Operator("or", criteria),)),) if criteria else ())


def _criteria(shorthands: Shorthands) -> Iterator[Leaf]:
    if shorthands.public:
        yield Accept()
    if shorthands.cors_preflight:
        yield CorsPreflight()
    if shorthands.any_authenticated_user:
        yield AuthenticatedUser()
    yield from (Domain(Is(domain)) for domain in shorthands.domains)
    yield from (Groups(Has(group)) for group in shorthands.groups)
    for claim, values in shorthands.claims.items():
        yield from (Claim(claim, Has(value)) for value in values)
    for user in shorthands.users:
        yield User(Is(user))
        yield Email(Is(user))
