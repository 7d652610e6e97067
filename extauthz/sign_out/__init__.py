"""Signing out: the session ends in the store first, everywhere; then cookies, tokens, and the provider's session."""

from extauthz.sign_out.back_channel import LogoutDone, LogoutRefused, back_channel_logout
from extauthz.sign_out.front_channel import FrameLoaded, front_channel_logout, is_front_channel
from extauthz.sign_out.leaving import AskFirst, sign_out
from extauthz.sign_out.signed_out import SignedOut, signed_out

__all__ = [
    "AskFirst",
    "FrameLoaded",
    "LogoutDone",
    "LogoutRefused",
    "SignedOut",
    "back_channel_logout",
    "front_channel_logout",
    "is_front_channel",
    "sign_out",
    "signed_out",
]
