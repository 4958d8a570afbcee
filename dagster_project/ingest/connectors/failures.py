"""What the error of a database driver means, in words that hold nothing a driver says: that names users, hosts and values.

Belongs here: codes and phrases of the vendors, and the advice to each kind of failure. Does not belong here: raising.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy.exc import DBAPIError


class Failure(NamedTuple):
    """`problem` completes 'the database ...'; `advice` is for the person who must act."""

    problem: str
    advice: str


LOGIN = Failure("refuses the login", "Correct user and password in the address, or ask for access.")
NO_DATABASE = Failure(
    "has no database of the name in its address, or does not let its user in",
    "Correct the address, or ask for access.",
)
FORBIDDEN = Failure("does not let its user read the table", "Grant SELECT on it to the user in the address.")
UNREACHABLE = Failure(
    "cannot be reached",
    "See whether the server runs and can be reached from here, and correct host and port in its address.",
)
LOST = Failure(
    "broke the connection off while it was read", "See whether the server runs; the next pull reads all of it."
)
CANCELLED = Failure(
    "cancelled the query, which ran longer than it allows",
    "Allow the user longer statements, and see that the cursor column has an index.",
)
OTHER = Failure("cannot be read", "The server's log says why, at the time of this pull.")

_CODES: dict[str, Failure] = {
    code: failure
    for failure, codes in {
        # SQLSTATE of PostgreSQL, error numbers of MySQL and MariaDB, codes of Oracle and its driver
        LOGIN: "28P01 28000 1045 1698 ORA-01017 ORA-28000 ORA-28001",
        NO_DATABASE: "3D000 1049 1044 DPY-6001 DPY-6003 ORA-12514 ORA-12505",
        FORBIDDEN: "42501 1142 1143 1370 ORA-01031 ORA-00942",
        UNREACHABLE: "2002 2003 2005 08001 53300 57P03 DPY-6005 ORA-12541 ORA-12170",
        LOST: "57P01 57P02 08003 08006 2006 2013 2055 1317 1927 DPY-4011 DPY-1001 ORA-03113",
        CANCELLED: "57014 25P03 25P04 1969 3024 ORA-01013 ORA-01555",
    }.items()
    for code in codes.split()
}
# PostgreSQL's driver has no code for what happens before a session is there or after it is gone, SQLite's has none at all.
_PHRASES: dict[str, Failure] = {
    "password authentication failed": LOGIN,
    "no password supplied": LOGIN,
    "no pg_hba.conf entry": LOGIN,
    'role "': LOGIN,
    'database "': NO_DATABASE,
    "connection refused": UNREACHABLE,
    "timeout": UNREACHABLE,
    "no such file": UNREACHABLE,
    "failed to resolve": UNREACHABLE,
    "invalid port number": UNREACHABLE,
    "unable to open database file": UNREACHABLE,
    "closed the connection": LOST,
    "connection is lost": LOST,
}


def failure_of(error: DBAPIError) -> Failure:
    """The kind of failure, with the vendor's code where there is one."""
    original = error.orig
    detail = original.args[0] if original is not None and original.args else None
    number = detail if isinstance(detail, int) else getattr(detail, "full_code", None)
    code = number or getattr(original, "sqlstate", None)
    failure = _CODES.get(str(code))
    if failure is None:
        text = str(detail).lower()
        known = (kind for phrase, kind in _PHRASES.items() if phrase in text)
        failure = next(known, LOST if error.connection_invalidated else OTHER)
    return Failure(f"{failure.problem} (code {code})", failure.advice) if code else failure
