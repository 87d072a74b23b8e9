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


def acknowledge_wildcards(construct: IConstruct, reason: str, *wildcards: str) -> None:
    """Accept rights with a star in them: ARNs as they are granted, "*", or "Action::kms:ReEncrypt*"."""
    shown = {
        cdk.Aws.PARTITION: "<AWS::Partition>",
        cdk.Aws.REGION: "<AWS::Region>",
        cdk.Aws.ACCOUNT_ID: "<AWS::AccountId>",
    }
    for wildcard in wildcards:
        named = wildcard if wildcard.startswith("Action::") else f"Resource::{wildcard}"
        for token, text in shown.items():
            named = named.replace(token, text)
        acknowledge(construct, f"IAM5[{named}]", reason)
