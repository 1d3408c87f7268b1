"""A real PostgreSQL of Debian's, in a folder of its own, reached over a socket in it."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg

USER, DATABASE = "mill", "site"
_ALONE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_SETTINGS = (
    "listen_addresses=", "shared_buffers=16MB", "max_connections=60", "wal_level=minimal",
    "max_wal_senders=0", "autovacuum=off", "jit=off",
)  # fmt: skip


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parent.name))
    assert found, "PostgreSQL is missing: make stores installs it"
    return found[-1]


def _who() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as nobody."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


class Cluster:
    """A server whose databases sort by a language, as those of many mills do.

    Args:
        settings: More of them, as ``postgresql.conf`` has them.
    """

    def __init__(self, *settings: str) -> None:
        self._settings = (*_SETTINGS, *settings)
        self.folder = Path(tempfile.mkdtemp(prefix="millprint-pg-"))
        self._who = _who()
        if self._who:
            os.chown(self.folder, self._who["user"], self._who["group"])
        self._run(
            "initdb", "-D", self.folder / "data", "-U", USER, "-A", "trust", "-E", "UTF8",
            "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US", "--no-sync",
            "--no-instructions",
        )  # fmt: skip
        self._made: set[str] = set()
        self.start()

    def start(self) -> None:
        settings = [
            f"-c{one}" for one in (*self._settings, f"unix_socket_directories={self.folder}")
        ]
        self._run(
            "pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-o",
            " ".join(settings), "-w", "start",
        )  # fmt: skip

    def stop(self, how: str = "fast") -> None:
        self._run("pg_ctl", "-D", self.folder / "data", "-m", how, "-w", "stop")

    def address(self, database: str) -> str:
        """Of a database, for a configuration."""
        return f"postgresql://{USER}@/{database}?host={self.folder}"

    def emptied(self, database: str = DATABASE) -> str:
        """The address of a database with nothing in it; one that is there already is quick."""
        if database not in self._made:
            self._made.add(database)
            self.do("postgres", f"CREATE DATABASE {database}")
        self.hangs_up(database)
        self.do(database, "DROP SCHEMA IF EXISTS journal, public CASCADE")
        self.do(database, "CREATE SCHEMA public")
        return self.address(database)

    def hangs_up(self, database: str = DATABASE) -> None:
        """Every connection to the database ends."""
        self.do(database, _ALONE)

    def do(self, database: str, statement: str) -> None:
        with psycopg.connect(self.address(database), autocommit=True) as db:
            db.execute(statement)

    def close(self) -> None:
        self.stop("immediate")
        shutil.rmtree(self.folder)

    def _run(self, program: str, *arguments: str | Path) -> None:
        command = [str(_programs() / program), *map(str, arguments)]
        subprocess.run(
            command, check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=60, **self._who
        )
