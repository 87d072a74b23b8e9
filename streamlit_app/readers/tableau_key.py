"""The connected app's secret: from the environment, or by the name of a secret from Secrets Manager."""

from functools import cache

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from schemas.errors import Transient
from streamlit_app.settings import AppSettings
from streamlit_app.tableau_token import ConnectedApp


def connected_app(settings: AppSettings) -> ConnectedApp:
    """Raises Transient if the secret cannot be read."""
    secret = settings.tableau_secret.get_secret_value() or _stored(settings.tableau_secret_name)
    return ConnectedApp(settings.tableau_client_id, settings.tableau_secret_id, secret)


@cache
def _stored(name: str) -> str:
    """Read once a process: whoever rotates it starts the app anew."""
    try:
        return str(boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]).strip()
    except (BotoCoreError, ClientError, KeyError) as error:
        raise Transient(f"Secrets Manager: {name}: {error}") from error
