"""The keys of a route that answers by itself."""

from typing import Annotated, Literal

from pydantic import Field

from access_model.schema.base import Keys
from access_model.schema.types import Shown


class RedirectKeys(Keys):
    """Where clients are sent; what is left out stays as they asked for it."""

    https_redirect: bool = Field(default=False, description="To `https`, on its port.")
    scheme_redirect: Literal["https", "http"] | None = Field(default=None, description="To this scheme.")
    host_redirect: str | None = Field(default=None, description="To this host.", examples=["new.example.com"])
    port_redirect: Annotated[int, Shown("number")] | None = Field(
        default=None, ge=1, le=65535, description="To this port."
    )
    path_redirect: str | None = Field(
        default=None, description="To this path. It may hold a query, which replaces the client's.", examples=["/new"]
    )
    prefix_rewrite: str | None = Field(
        default=None, description="The matched prefix gives way to this text.", examples=["/v2/"]
    )
    response_code: Literal["301", "302", "303", "307", "308"] = Field(
        default="301", description="The status of the answer; 307 and 308 keep the method."
    )
    strip_query: bool = Field(default=False, description="Leave the query out.")


class ResponseKeys(Keys):
    """An answer that is always the same."""

    status: int = Field(default=200, ge=200, le=599, description="Its status.")
    body: str = Field(default="", description="Its body, at most 4096 bytes. `set_response_headers` can say its type.")
