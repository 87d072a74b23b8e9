"""The templates on a local cloud that somebody else started, in a container say; nothing else is started or stopped."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import boto3

from deploy.errors import DeployError
from deploy.local import template


class GivenCloud:
    """The cloud that AWS_ENDPOINT_URL names. Raises DeployError without it: this is never to reach an account."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self.endpoint_url = environment.get("AWS_ENDPOINT_URL", "")
        if not self.endpoint_url:
            raise DeployError("AWS_ENDPOINT_URL names no local cloud")

    def client(self, service: str) -> Any:
        """Its client, with the environment's key and region."""
        return boto3.client(service, endpoint_url=self.endpoint_url)  # type: ignore[call-overload]


def place(stage: str) -> dict[str, str]:
    """Deploy the stage's live path; its outputs."""
    return template.deploy(template.synthesise(stage), stage, GivenCloud())
