"""What of the brokers can be known without starting them."""

from __future__ import annotations

import base64
from pathlib import Path

from deploy.local.brokers import cluster_id


def test_a_cluster_id_is_16_bytes_and_never_looks_like_an_option() -> None:
    ids = [cluster_id(Path(f"/state/{number}")) for number in range(2_000)]
    assert all(name[0].isalpha() for name in ids)
    assert {len(base64.urlsafe_b64decode(f"{name}==")) for name in ids} == {16}
    assert len(set(ids)) == len(ids)


def test_the_brokers_of_a_folder_agree_on_it() -> None:
    assert cluster_id(Path("/state")) == cluster_id(Path("/state"))
