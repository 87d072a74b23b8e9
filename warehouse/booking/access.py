"""How the booking system is reached and what its ETL masks with: from the environment, or from Secrets Manager."""

import json
import os
from collections.abc import Mapping
from typing import Final

import boto3

from warehouse.booking.errors import BookingError

DSN: Final = "SEMAFORO_BOOKING_DSN"
DSN_SECRET: Final = "SEMAFORO_BOOKING_SECRET_ARN"  # noqa: S105 - a variable's name
KEY: Final = "SEMAFORO_BOOKING_KEY"
KEY_SECRET: Final = "SEMAFORO_BOOKING_KEY_SECRET_ARN"  # noqa: S105 - a variable's name

SHORTEST_KEY: Final = 32
"""Characters. Booking numbers are few: whoever guesses the key has them all."""


class MissingAccessError(BookingError):
    """A variable that is needed is not set, or holds what cannot be right."""


def booking_dsn(environment: Mapping[str, str] = os.environ) -> str:
    """Where the database is. RDS keeps its secret as JSON: username, password, host, port, dbname."""
    if dsn := environment.get(DSN):
        return dsn
    if not (arn := environment.get(DSN_SECRET)):
        raise MissingAccessError(
            f'set {DSN} (`eval "$(python -m deploy local env)"` does, after `local up --postgres`) or {DSN_SECRET}'
        )
    secret = json.loads(_secret(arn))
    words = {
        "host": secret["host"],
        "port": str(secret.get("port", 5432)),
        "dbname": secret.get("dbname", "booking"),
        "user": secret["username"],
        "password": secret["password"],
        "sslmode": "require",
    }
    return " ".join(f"{name}='{_quoted(value)}'" for name, value in words.items())


def masking_key(environment: Mapping[str, str] = os.environ) -> bytes:
    """The key that booking numbers are masked with. Without one nothing is exported."""
    arn = environment.get(KEY_SECRET)
    key = environment.get(KEY) or (_secret(arn) if arn else "")
    if not key:
        raise MissingAccessError(f"no key to mask bookings with: set {KEY} or {KEY_SECRET}; nothing was exported")
    if len(key) < SHORTEST_KEY:
        raise MissingAccessError(f"{KEY} has {len(key)} characters, fewer than {SHORTEST_KEY}: too easy to guess")
    return key.encode()


def _secret(arn: str) -> str:
    return str(boto3.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
