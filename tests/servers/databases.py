"""Database servers for tests: real ones, from the system's packages, each for one test run in a folder of its own.

`python -m tests.servers.databases` installs what is missing, where it may; make setup-dev calls it. The servers listen on a
socket in their folder, run as nobody where the tests run as root, and end with the tests, however those end.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

PACKAGES = {"postgres": "postgresql", "mariadbd": "mariadb-server"}
PASSWORD = "correct:horse/battery@staple"
"""With every sign that must be written in another way in a URL."""
STARTED_WITHIN_SECONDS = 60
# The shell waits on its standard input, which ends with the process of the tests, and then takes the server with it.
_UNTIL_INPUT_ENDS = '"$@" < /dev/null & server=$!; read -r _; kill -{signal} $server; wait $server'


@dataclass(frozen=True)
class Server:
    """A running server. `admin` may do everything; `reader` may do what the tests grant it."""

    dialect: Literal["postgresql", "mariadb"]
    folder: Path

    def url(self, user: str, database: str, password: str = PASSWORD) -> str:
        """The address to hand to the platform, as a user would write it."""
        driver = {"postgresql": "postgresql+psycopg", "mariadb": "mysql+pymysql"}[self.dialect]
        query = {"host": str(self.folder)} if self.dialect == "postgresql" else {"unix_socket": str(self.socket)}
        host = None if self.dialect == "postgresql" else "localhost"
        url = sa.URL.create(driver, user, password, host, database=database, query=query)
        return url.render_as_string(hide_password=False)

    @property
    def socket(self) -> Path:
        return self.folder / "mariadb.sock"

    @property
    def home(self) -> str:
        """A database that is always there."""
        return "postgres" if self.dialect == "postgresql" else "mysql"

    def execute(self, database: str, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements as admin, each committed; returns the rows of the last one."""
        engine = sa.create_engine(self.url("admin", database), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        rows: list[tuple[Any, ...]] = []
        with engine.connect() as connection:
            for statement in statements:
                result = connection.exec_driver_sql(statement)
                rows = [tuple(row) for row in result] if result.returns_rows else []
        return rows

    def insert(self, database: str, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Fill a table as admin; texts become what the columns are."""
        engine = sa.create_engine(self.url("admin", database), poolclass=sa.NullPool)
        places = ", ".join(["%s"] * len(rows[0]))
        with engine.begin() as connection:
            connection.exec_driver_sql(f"insert into {table} values ({places})", [tuple(row) for row in rows])

    def create_database(self, name: str) -> None:
        """A new, empty database; `reader` may connect, and nothing more."""
        self.execute(self.home, f"create database {name}")
        if self.dialect == "mariadb":  # where a user without any right in a database does not even see it
            self.execute(name, "create table nothing (id int)", f"grant select on {name}.nothing to reader@localhost")


@contextmanager
def running(dialect: str) -> Iterator[Server]:
    """A server for as long as the block lasts. Raises RuntimeError where its package is missing or it does not start."""
    folder = Path(tempfile.mkdtemp(prefix=f"{dialect}-", dir="/tmp" if Path("/tmp").is_dir() else None))
    try:
        with {"postgresql": _postgresql, "mariadb": _mariadb}[dialect](folder) as server:
            yield server
    finally:
        shutil.rmtree(folder)


@contextmanager
def _postgresql(folder: Path) -> Iterator[Server]:
    server = Server("postgresql", folder)
    password = folder / "password"
    password.write_text(PASSWORD)
    _hand_over(folder)
    data = str(folder / "data")
    # fmt: off
    _run(_binary("initdb"), "-D", data, "-U", "admin", "--pwfile", str(password), "--auth", "scram-sha-256",
         "--encoding", "UTF8", "--no-locale")
    command = [_binary("postgres"), "-D", data, "-k", str(folder), "-c", "listen_addresses=", "-c", "fsync=off",
               "-c", "timezone=Asia/Shanghai"]
    # fmt: on
    with _serving(server, command, "INT"):
        server.execute(server.home, f"create role reader login password '{PASSWORD}'")
        yield server


@contextmanager
def _mariadb(folder: Path) -> Iterator[Server]:
    server = Server("mariadb", folder)
    first = folder / "first.sql"
    first.write_text(
        f"create user admin@localhost identified by '{PASSWORD}';\n"
        "grant all on *.* to admin@localhost with grant option;\n"
        f"create user reader@localhost identified by '{PASSWORD}';\n"
    )
    _hand_over(folder)
    data = f"--datadir={folder / 'data'}"
    _run(_binary("mariadb-install-db"), "--no-defaults", data, "--skip-test-db")
    # fmt: off
    command = [_binary("mariadbd"), "--no-defaults", data, f"--socket={server.socket}", "--skip-networking",
               f"--pid-file={folder / 'pid'}", f"--tmpdir={folder}", f"--init-file={first}", "--skip-log-bin",
               "--character-set-server=utf8mb4", "--innodb-flush-log-at-trx-commit=0",
               "--default-time-zone=+08:00"]
    # fmt: on
    with _serving(server, command, "TERM"):
        yield server


@contextmanager
def _serving(server: Server, command: list[str], signal: str) -> Iterator[None]:
    log = server.folder / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            ["sh", "-c", _UNTIL_INPUT_ENDS.format(signal=signal), "sh", *command],
            stdin=subprocess.PIPE,
            stdout=stream,
            stderr=stream,
            cwd="/",
            **_as_nobody(),
        )
    assert process.stdin is not None
    try:
        _wait_until_it_answers(server, log)
        yield
    finally:
        process.stdin.close()
        process.wait()


def _wait_until_it_answers(server: Server, log: Path) -> None:
    until = time.monotonic() + STARTED_WITHIN_SECONDS
    while True:
        try:
            server.execute(server.home, "select 1")
        except OperationalError as error:
            if time.monotonic() > until:
                said = log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{server.dialect} does not start: {error.orig}\n{said}") from None
            time.sleep(0.1)
        else:
            return


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **_as_nobody())
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stdout}{done.stderr}")


def _is_root() -> bool:
    return os.geteuid() == 0


def _hand_over(folder: Path) -> None:
    if _is_root():
        for path in (folder, *folder.iterdir()):
            os.chown(path, pwd.getpwnam("nobody").pw_uid, -1)


def _as_nobody() -> dict[str, Any]:
    """What makes a process nobody's: the servers refuse to run as root."""
    if not _is_root():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "env": {"PATH": os.environ["PATH"]}}


def find_binary(name: str) -> str | None:
    """Path of a server's program. Debian keeps PostgreSQL's out of the PATH, one folder per version."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    places = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/usr/local/sbin"])
    return shutil.which(name, path=places) or (str(versions[-1]) if versions else None)


def _binary(name: str) -> str:
    path = find_binary(name)
    if path is None:
        raise RuntimeError(
            f"{name} is not installed. Install the packages {' and '.join(PACKAGES.values())}, or run make setup-dev as root."
        )
    return path


def install_missing() -> None:
    """Install the servers from the system's packages where that is possible. Else say what the tests will miss.

    Raises subprocess.CalledProcessError when the packages cannot be installed.
    """
    missing = [package for binary, package in PACKAGES.items() if find_binary(binary) is None]
    if not missing:
        return
    if not (shutil.which("apt-get") and _is_root()):
        print(f"The tests of databases need {' and '.join(missing)}; install them from your system's packages.")
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], check=True, env=environment
    )


if __name__ == "__main__":
    install_missing()
