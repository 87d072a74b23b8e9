"""The local cloud: ministack on 127.0.0.1, in a virtual environment of its own, state in `<state>/cloud`."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Final

import boto3

from deploy.errors import PartError
from deploy.local.ports import free_ports, is_free
from deploy.local.processes import POLL_SECONDS, PidFiles, write_json
from deploy.paths import CLOUD_PYTHON

PART: Final = "cloud"
REGION: Final = "us-east-1"
START_SECONDS: Final = 60.0
"""It answers in 1–4 s; a machine that compiles beside it takes several times that."""


class LocalCloud:
    """One local cloud; `aws_env()` is what a process needs to talk to it with an ordinary AWS client."""

    def __init__(self, state_dir: Path) -> None:
        self._pids = PidFiles(state_dir)
        self._folder = state_dir / "cloud"
        self._port_path = self._folder / "port.json"

    @property
    def port(self) -> int:
        """The port it listens on; FileNotFoundError before the first start."""
        return int(json.loads(self._port_path.read_text())["port"])

    @property
    def endpoint_url(self) -> str:
        """Where every AWS client is to be pointed."""
        return f"http://127.0.0.1:{self.port}"

    def aws_env(self) -> dict[str, str]:
        """Environment of a process that uses the local cloud; botocore reads all of it by itself."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            # A person's own profile must never mix with the local cloud, nor a look-up on the network.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str) -> Any:
        """An AWS client for this cloud, whatever the environment of the calling process says."""
        session = boto3.session.Session("test", "test", region_name=REGION)
        return session.client(service, endpoint_url=self.endpoint_url)  # type: ignore[call-overload]

    def launch(self) -> None:
        """Start the process if it does not run; `wait_till_healthy` says when it can be used."""
        if self.is_running():
            return
        if not CLOUD_PYTHON.exists():
            raise PartError(PART, f"{CLOUD_PYTHON} is missing; `make setup` makes it")
        if not (self._port_path.exists() and is_free(self.port)):
            write_json(self._port_path, {"port": free_ports(1)[0]})
        self._pids.launch(PART, [CLOUD_PYTHON, "-m", "ministack"], env=self._settings())

    def wait_till_healthy(self) -> None:
        """Wait till it answers; PartError with its last words when it does not."""
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if not self.is_running():
                raise PartError(PART, "died while starting", self._pids.log_path(PART))
            if time.monotonic() > deadline:
                raise PartError(PART, f"did not answer within {START_SECONDS:.0f} s", self._pids.log_path(PART))
            time.sleep(POLL_SECONDS)

    def start(self) -> None:
        """`launch` and `wait_till_healthy`."""
        self.launch()
        self.wait_till_healthy()

    def stop(self, *, grace_seconds: float = 3) -> None:
        """Stop it with everything it runs (Lambda workers). Safe to call when it does not run."""
        self._pids.stop(PART, grace_seconds=grace_seconds)

    def is_running(self) -> bool:
        """Whether its process runs."""
        return self._pids.is_running(PART)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(  # nosec B310 # noqa: S310 - our own http address
                f"{self.endpoint_url}/_ministack/health", timeout=2
            ) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def _settings(self) -> dict[str, str]:
        return {
            **self.aws_env(),
            # A function may do what its role allows and no more, as in AWS; our own credentials are the account's root.
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            # Off: both listen on every address of the machine, and nothing here speaks MQTT or SFTP.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._folder / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self._folder / "s3"),
            # Else a cloud without DuckDB would answer every question to Athena with a made-up value.
            "ATHENA_ENGINE": "duckdb",
            "LOG_LEVEL": "INFO",
            # The proxy of a company must not be asked for 127.0.0.1.
            "NO_PROXY": "127.0.0.1,localhost",
        }
