"""The SQL store, put together of its parts."""

from session_store.sql.agreeing import Agreements
from session_store.sql.ending import Endings
from session_store.sql.finding import Sessions
from session_store.sql.keys import SigningKeys
from session_store.sql.renewals import Renewals
from session_store.sql.upkeep import Upkeep


class SqlStore(Sessions, Endings, Renewals, SigningKeys, Agreements, Upkeep):
    """Sessions in SQLite or PostgreSQL. `session_store.open.open_store` builds it on a migrated database."""

    __slots__ = ()
