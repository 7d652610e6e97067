"""Signing out: the session ends in the store first, everywhere; then cookies, tokens, and the provider's session."""

from extauthz.sign_out.leaving import AskFirst, sign_out
from extauthz.sign_out.signed_out import SignedOut, signed_out

__all__ = ["AskFirst", "SignedOut", "sign_out", "signed_out"]
