from datetime import timedelta

import pytest

from extauthz.ticket import Ticket, open_ticket, seal_ticket
from tests.extauthz.sign_in.world import NOW

KEY = b"k" * 32
TICKET = Ticket("id-1", "session-1", "app.example.com", "b" * 43, NOW + timedelta(seconds=60))
SEALED = seal_ticket(TICKET, KEY, b"n" * 12)


def test_a_ticket_opens_where_and_while_it_is_good() -> None:
    assert open_ticket(SEALED, "app.example.com", KEY, NOW + timedelta(seconds=59)) == TICKET
    assert open_ticket(SEALED, "app.example.com", KEY, NOW + timedelta(seconds=60)) is None
    assert open_ticket(SEALED, "other.example.com", KEY, NOW) is None
    assert open_ticket(SEALED, "app.example.com", b"j" * 32, NOW) is None


@pytest.mark.parametrize("text", ["", "A", "é", SEALED[:-2], SEALED[1:], SEALED.swapcase(), SEALED * 100, "=" * 10])
def test_what_is_no_ticket_does_not_open(text: str) -> None:
    assert open_ticket(text, "app.example.com", KEY, NOW) is None


def test_it_says_nothing_to_whoever_reads_the_url() -> None:
    assert "session-1" not in SEALED
