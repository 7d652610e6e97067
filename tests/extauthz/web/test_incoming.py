"""Nothing is read that no link or form of ours could hold."""

import pytest

from extauthz.web.incoming import LARGEST_FORM, LARGEST_QUERY, MOST_PARAMETERS
from tests.extauthz.web.world import AUTH, FORM, World

PATH = "/.pomerium/signed_out"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("x=" + "y" * (LARGEST_QUERY - 2), 200),
        ("x=" + "y" * (LARGEST_QUERY - 1), 400),
        ("&".join(["x=1"] * MOST_PARAMETERS), 200),
        ("&".join(["x=1"] * (MOST_PARAMETERS + 1)), 400),
        ("x=%c3%a5", 200),
        ("x=%c3%28", 400),
        ("&&=&x", 200),
    ],
)
async def test_a_query_has_limits(world: World, query: str, status: int) -> None:
    assert (await world.get(f"{PATH}?{query}", AUTH)).status_code == status


@pytest.mark.parametrize(("size", "status"), [(LARGEST_FORM, 403), (LARGEST_FORM + 1, 400)])
async def test_a_form_has_limits(world: World, size: int, status: int) -> None:
    headers = {**FORM, "origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    answer = await world.send("POST", "/.pomerium/sign_out", AUTH, headers, "x=" + "y" * (size - 2))
    assert answer.status_code == status


async def test_the_page_says_what_was_wrong(world: World) -> None:
    page = await world.get(f"{PATH}?x=%ff", AUTH)
    assert "The address or the form cannot be read." in page.text
