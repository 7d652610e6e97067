"""The pages people see: what went wrong, who they are, signing out. Server-rendered, self-contained, no JavaScript."""

from extauthz.pages.headers import answer_headers
from extauthz.pages.render import Page, Pages, new_nonce

__all__ = ["Page", "Pages", "answer_headers", "new_nonce"]
