"""Say why a finding of the security checks is right as it is."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import IConstruct


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    """Accept one finding of the AWS Solutions rules on a construct and what it contains.

    `rule` is "SQS3", or "IAM5[Resource::*]" for one finding of a rule that has several.
    """
    finding = cdk.Acknowledgment(id=f"AwsSolutions::AwsSolutions-{rule}", reason=reason)
    cdk.Validations.of(construct).acknowledge(finding)
