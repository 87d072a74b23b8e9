"""The key of AviationStack out of the local cloud's Secrets Manager."""

import pytest

from deploy.local.cloud import LocalCloud
from producers.sources.aviationstack.key import KEY_VARIABLE, SECRET_VARIABLE, NoKeyError, access_key

pytestmark = pytest.mark.integration


def test_the_key_is_read_by_the_name_of_its_secret(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in cloud.aws_env().items():
        monkeypatch.setenv(name, value)
    cloud.client("secretsmanager").create_secret(Name="aviationstack", SecretString="c0ffee\n")
    assert access_key({SECRET_VARIABLE: "aviationstack"}) == "c0ffee"
    assert access_key({SECRET_VARIABLE: "aviationstack", KEY_VARIABLE: "nearer"}) == "nearer"
    with pytest.raises(NoKeyError, match="the secret absent cannot be read"):
        access_key({SECRET_VARIABLE: "absent"})
