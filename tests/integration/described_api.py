"""The API held to its own description by a program that makes up requests which that allows and forbids."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.integration.app_server import AppServer

EXAMPLES = 8
"""Of each endpoint, beside every boundary of every parameter, which come first: 20 s in all."""
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,positive_data_acceptance,missing_required_header,"
    "unsupported_method,allow_header_conformance"
)
"""All that have something to say: nothing here is made or deleted, and on loopback nobody signs in."""


def description(server: AppServer) -> dict[str, Any]:
    """As the running app gives it."""
    with urlopen(f"{server.url}/api/v1/openapi.json", timeout=30) as answer:  # noqa: S310 - our own
        found: dict[str, Any] = json.load(answer)
        return found


def held_to(server: AppServer, described: dict[str, Any], folder: Path, *options: str) -> tuple[int, str]:
    """The exit code of schemathesis (0: no failure) and what it said."""
    spec = folder / "openapi.json"
    spec.write_text(json.dumps(described), encoding="utf-8")
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", str(spec), "--url", f"{server.url}/api/v1"),
        *("--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES)),
        *("--seed", "1", "--generation-database", "none", "--suppress-health-check", "all", "--no-color", *options),
    ]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    return run.returncode, run.stdout + run.stderr
