"""Items of a restored table brought back into the stage's own, which goes on meanwhile: what is there stays. So are
those of a stage that moves to another region brought there.

DynamoDB restores a backup or a point in time into a table of another name, and the functions know theirs by the
stage's.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from deploy.errors import DeployError, NoAccountError


class Copied(NamedTuple):
    """How many items were brought back, and how many were there."""

    copied: int
    there: int


def copy_missing(dynamodb: Any, source: str, target: str, *, read_by: Any = None) -> Copied:
    """Put every item of `source` into `target` that has none with its key. Safe to run again, and beside the functions.

    `read_by` is the client of the region that `source` is in, if that is another one.

    Raises DeployError if their keys differ, NoAccountError where AWS refuses or does not answer.
    """
    reading = read_by or dynamodb
    try:
        keys, others = (
            [key["AttributeName"] for key in client.describe_table(TableName=table)["Table"]["KeySchema"]]
            for client, table in ((dynamodb, target), (reading, source))
        )
        if keys != others:
            raise DeployError(f"{source} has the keys {others}, {target} has {keys}")
        copied = there = 0
        for page in reading.get_paginator("scan").paginate(TableName=source, ConsistentRead=True):
            for item in page["Items"]:
                done = _put_if_missing(dynamodb, target, item, keys[0])
                copied, there = copied + done, there + (not done)
    except (BotoCoreError, ClientError) as error:
        raise NoAccountError(f"{source} to {target}: {error}") from error
    return Copied(copied, there)


def _put_if_missing(dynamodb: Any, table: str, item: dict[str, Any], key: str) -> bool:
    names, condition = {"#key": key}, "attribute_not_exists(#key)"
    try:
        dynamodb.put_item(TableName=table, Item=item, ConditionExpression=condition, ExpressionAttributeNames=names)
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return False
    return True
