"""Whether there is a stage to show, asked once before the app starts."""

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from alerts.settings import AWS_CONFIG, AlertSettings


def why_unreachable() -> str:
    """Why the lights cannot be read; "" if they can."""
    settings = AlertSettings.read()
    try:
        dynamodb = boto3.client("dynamodb", config=AWS_CONFIG.merge(Config(retries={"total_max_attempts": 1})))
        dynamodb.scan(TableName=settings.lights_table, Limit=1)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return f"this stage has no such tables here (SEMAFORO_STAGE={settings.stage}): {settings.lights_table}"
        return f"the tables do not answer: {error}"
    except BotoCoreError as error:
        return f"the tables do not answer: {error}"
    return ""
