"""Records to rows and back. Tokens and private keys are sealed on the way in and opened on the way out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import RowMapping

from access_model.secret import Secret
from session_store.records import Change, Handle, Renewal, Session, SigningKey, Tokens, User
from session_store.sealing import NONCE_BYTES, Sealer, bind
from session_store.sql.tables import changes, handles, sessions, signing_keys, users

Claims = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals single fields; what was sealed for one owner and field opens for no other."""

    sealer: Sealer
    """The keys at rest."""
    entropy: Callable[[int], bytes] = field(repr=False)
    """So many unguessable bytes, for nonces."""

    def seal(self, secret: Secret | None, owner: str, name: str) -> bytes | None:
        """Seal a field of its owner (session id or kid); None stays None."""
        if secret is None:
            return None
        return self.sealer.seal(secret.reveal(), bind(owner, name), self.entropy(NONCE_BYTES))

    def unseal(self, sealed: bytes | None, owner: str, name: str) -> Secret | None:
        """Open a field of its owner. Raises `UnsealFailed`."""
        return None if sealed is None else Secret.of(self.sealer.unseal(sealed, bind(owner, name)))


def session_row(session: Session, vault: Vault) -> dict[str, Any]:
    """The row of a session, its tokens sealed."""
    return {
        "id": session.id,
        "issuer": session.issuer,
        "user_id": session.user_id,
        "provider_id": session.provider_id,
        "created": session.created,
        "last_seen": session.last_seen,
        "expires": session.expires,
        "idle_end": session.idle_end,
        "device": session.device,
        "address": session.address,
        **renewal_row(session, vault),
    }


def renewal_row(session: Session, vault: Vault) -> dict[str, Any]:
    """Those columns of a session's row that a renewal may change."""
    return {
        **sealed_row(session.id, session.tokens, vault),
        "provider_session": session.provider_session,
        "claims": _claims_to_json(session.claims),
        "access_expires": session.tokens.access_expires,
        "tokens_due": session.renewal.tokens_due,
        "profile_due": session.renewal.profile_due,
        "renewal_failures": session.renewal.failures,
        "version": session.version,
    }


def sealed_row(session_id: str, tokens: Tokens, vault: Vault) -> dict[str, bytes | None]:
    """The sealed columns of a session's row."""
    held = {"access_token": tokens.access_token, "refresh_token": tokens.refresh_token, "id_token": tokens.id_token}
    return {name: vault.seal(token, session_id, name) for name, token in held.items()}


def session_of(row: RowMapping, tokens: Tokens) -> Session:
    """The session of a row, with tokens that were opened before."""
    return Session(
        id=row[sessions.c.id],
        user_id=row[sessions.c.user_id],
        issuer=row[sessions.c.issuer],
        provider_id=row[sessions.c.provider_id],
        created=row[sessions.c.created],
        last_seen=row[sessions.c.last_seen],
        expires=row[sessions.c.expires],
        claims=_claims_of_json(row[sessions.c.claims]),
        provider_session=row[sessions.c.provider_session],
        tokens=tokens,
        version=row[sessions.c.version],
        idle_end=row[sessions.c.idle_end],
        renewal=Renewal(
            tokens_due=row[sessions.c.tokens_due],
            profile_due=row[sessions.c.profile_due],
            failures=row[sessions.c.renewal_failures],
        ),
        device=row[sessions.c.device],
        address=row[sessions.c.address],
    )


def tokens_of(row: RowMapping, vault: Vault) -> Tokens:
    """The tokens of a session's row. Raises `UnsealFailed`."""
    return Tokens(
        access_token=vault.unseal(row[sessions.c.access_token], row[sessions.c.id], "access_token"),
        refresh_token=vault.unseal(row[sessions.c.refresh_token], row[sessions.c.id], "refresh_token"),
        id_token=vault.unseal(row[sessions.c.id_token], row[sessions.c.id], "id_token"),
        access_expires=row[sessions.c.access_expires],
    )


def user_row(user: User) -> dict[str, Any]:
    """The row of a user."""
    return {
        "issuer": user.issuer,
        "id": user.id,
        "email": user.email,
        "email_verified": user.email_verified,
        "name": user.name,
        "claims": _claims_to_json(user.claims),
    }


def user_of(row: RowMapping) -> User:
    """The user of a row."""
    return User(
        issuer=row[users.c.issuer],
        id=row[users.c.id],
        email=row[users.c.email],
        email_verified=row[users.c.email_verified],
        name=row[users.c.name],
        claims=_claims_of_json(row[users.c.claims]),
    )


def handle_row(handle: Handle) -> dict[str, Any]:
    """The row of a handle."""
    return {
        "token_hash": handle.token_hash,
        "session_id": handle.session_id,
        "host": handle.host,
        "created": handle.created,
    }


def handle_of(row: RowMapping) -> Handle:
    """The handle of a row."""
    return Handle(
        token_hash=row[handles.c.token_hash],
        session_id=row[handles.c.session_id],
        host=row[handles.c.host],
        created=row[handles.c.created],
    )


def signing_key_row(key: SigningKey, vault: Vault) -> dict[str, Any]:
    """The row of a signing key, sealed."""
    return {
        "kid": key.kid,
        "private_pem": vault.seal(key.private_pem, key.kid, "private_pem"),
        "created": key.created,
        "signs_from": key.signs_from,
        "withdrawn": key.withdrawn,
    }


def signing_key_of(row: RowMapping, vault: Vault) -> SigningKey:
    """The signing key of a row. Raises `UnsealFailed`."""
    private_pem = vault.unseal(row[signing_keys.c.private_pem], row[signing_keys.c.kid], "private_pem")
    assert private_pem is not None  # the column is not nullable
    return SigningKey(
        kid=row[signing_keys.c.kid],
        private_pem=private_pem,
        created=row[signing_keys.c.created],
        signs_from=row[signing_keys.c.signs_from],
        withdrawn=row[signing_keys.c.withdrawn],
    )


def change_of(row: RowMapping) -> Change:
    """The change of a row."""
    return Change(
        sequence=row[changes.c.sequence], kind=row[changes.c.kind], subject=row[changes.c.subject], at=row[changes.c.at]
    )


def _claims_to_json(claims: Claims) -> dict[str, list[str]]:
    return {name: list(values) for name, values in claims.items()}


def _claims_of_json(value: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in value.items()}
