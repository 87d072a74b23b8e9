"""The access key: from the environment, or by the name of a secret from Secrets Manager. Never from a command line."""

import os
from collections.abc import Mapping
from typing import Final

KEY_VARIABLE: Final = "SEMAFORO_AVIATIONSTACK_KEY"
SECRET_VARIABLE: Final = "SEMAFORO_AVIATIONSTACK_SECRET"  # noqa: S105 - the name of a variable


class NoKeyError(ValueError):
    """No key is configured, or the secret cannot be read."""


def access_key(environment: Mapping[str, str] = os.environ) -> str:
    """The key. Raises NoKeyError, which says what to set."""
    if key := environment.get(KEY_VARIABLE, "").strip():
        return key
    name = environment.get(SECRET_VARIABLE, "").strip()
    if not name:
        raise NoKeyError(f"no key: set {KEY_VARIABLE}, or {SECRET_VARIABLE} to the name of a secret that holds it")
    if not (key := _secret(name)):
        raise NoKeyError(f"the secret {name} is empty")
    return key


def _secret(name: str) -> str:
    import boto3  # half a second, for those alone who keep a secret
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = boto3.client("secretsmanager").get_secret_value(SecretId=name)
    except (BotoCoreError, ClientError) as error:
        raise NoKeyError(f"the secret {name} cannot be read: {error}") from None
    return str(answer.get("SecretString", "")).strip()
