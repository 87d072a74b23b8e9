"""DynamoDB's answers with less ado: an item's strings and numbers stay as they came.

The SDK holds each of them against the ten kinds that a value may be of, and builds it anew: of a look at 225 lights'
versions that was half the CPU.
"""

from typing import TYPE_CHECKING, Any

import boto3
from botocore.parsers import JSONParser, ResponseParserFactory
from botocore.session import Session

if TYPE_CHECKING:
    from botocore.config import Config
    from mypy_boto3_dynamodb import DynamoDBClient


class _ItemParser(JSONParser):
    def _parse_shape(self, shape: Any, node: Any) -> Any:
        if shape.name == "AttributeValue" and ("S" in node or "N" in node):
            return node
        return super()._parse_shape(shape, node)  # type: ignore[misc]


class _Parsers(ResponseParserFactory):
    def create_parser(self, protocol_name: str) -> Any:
        return _ItemParser() if protocol_name == "json" else super().create_parser(protocol_name)


def plain_dynamodb(config: "Config") -> "DynamoDBClient":
    """A client whose answers are those of any other, sooner."""
    session = Session()
    session.register_component("response_parser_factory", _Parsers())
    return boto3.Session(botocore_session=session).client("dynamodb", config=config)
