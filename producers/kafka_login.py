"""How a publisher proves to MSK who it is: a token, which is a signed request that is never sent.

AWS, "Configure clients to use IAM access control": SASL/OAUTHBEARER, the token a presigned URL for
kafka-cluster:Connect, base64 for URLs, without padding. The policy of its role says what it may do there.
"""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import boto3
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials, ReadOnlyCredentials

TOKEN_SECONDS: Final = 900  # the most MSK takes; librdkafka asks for a new one at four fifths of it
SIGNED_AT: Final = "%Y%m%dT%H%M%SZ"
USER_AGENT: Final = "User-Agent=semaforo"


def token(region: str, credentials: ReadOnlyCredentials) -> tuple[str, float]:
    """The token, and the second since 1970 at which it ends."""
    signer = SigV4QueryAuth(
        Credentials(credentials.access_key or "", credentials.secret_key or "", credentials.token),
        "kafka-cluster",
        region,
        expires=TOKEN_SECONDS,
    )
    request = AWSRequest("GET", f"https://kafka.{region}.amazonaws.com/", params={"Action": "kafka-cluster:Connect"})
    signer.add_auth(request)
    signed_at = datetime.strptime(request.context["timestamp"], SIGNED_AT).replace(tzinfo=UTC)
    url = f"{request.url}&{USER_AGENT}"
    return base64.urlsafe_b64encode(url.encode()).decode().rstrip("="), (signed_at + _LIFE).timestamp()


_LIFE: Final = timedelta(seconds=TOKEN_SECONDS)


def iam_login(region: str, credentials: Callable[[], ReadOnlyCredentials]) -> dict[str, Any]:
    """Properties of a Kafka client that logs in so; the credentials are asked for at each token."""
    return {
        "security.protocol": "SASL_SSL",
        "sasl.mechanisms": "OAUTHBEARER",
        "oauth_cb": lambda _config: token(region, credentials()),
    }


def session_login() -> dict[str, Any]:
    """That of the process: AWS's variables, or the role of its pod."""
    return login_of(boto3.Session())


def login_of(session: boto3.Session) -> dict[str, Any]:
    """`iam_login` with the region and the role of a session: a function's, a pod's or a person's."""

    def frozen() -> Any:
        credentials = session.get_credentials()
        if credentials is None:
            raise RuntimeError("there are no credentials to log in to the brokers with")
        return credentials.get_frozen_credentials()

    return iam_login(session.region_name, frozen)
