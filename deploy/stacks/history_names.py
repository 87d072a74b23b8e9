"""Names that the stacks of history know of each other before either is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import aws_cdk as cdk

from deploy.context import DeployContext

CLEAN_TABLES_FILE: Final = Path(__file__).with_name("clean_tables.json")
"""Made by `python -m warehouse catalogue --write`."""


def bucket_name(context: DeployContext, name: str) -> str:
    """Names of buckets are the world's: the account makes it ours."""
    return f"{context.name(name)}-{cdk.Aws.ACCOUNT_ID}"


def bucket_arn(context: DeployContext, name: str, below: str = "") -> str:
    """The bucket, or what lies below a prefix of it."""
    return f"arn:{cdk.Aws.PARTITION}:s3:::{bucket_name(context, name)}{below}"


def database_name(context: DeployContext) -> str:
    """The Glue database: Athena wants no hyphens."""
    return context.name("clean").replace("-", "_")


def clean_tables() -> list[dict[str, Any]]:
    """`name`, `comment` and `columns` (`name`, `type`) of each clean table."""
    tables: list[dict[str, Any]] = json.loads(CLEAN_TABLES_FILE.read_text(encoding="utf-8"))
    return tables
