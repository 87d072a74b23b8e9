from pathlib import Path

import msgspec
import numpy as np
import pytest

from optimizer.delay.features import Features
from optimizer.delay.forest import Forest
from optimizer.delay.model import DelayModel, as_table, read_model, write_model
from optimizer.flights import of_table
from tests.optimizer.made_up import flight, table

LEAF = Forest(0.0, (0,), (-1,), (0.5,), (0,))
ASKS = Forest(0.0, (0,), (0, -1, -1), (3.0, -1.0, 1.0), (2, 0, 0))
MODEL = DelayModel(1, "d" * 64, "2013-09-01", ("block_minutes", "leg_late"), {"auc": 0.7}, ASKS, LEAF, LEAF, LEAF, LEAF)
TWO = Features(("block_minutes", "leg_late"), np.array([[2, 0], [4, 0]], np.float32))


def test_a_written_model_is_read_again(tmp_path: Path) -> None:
    write_model(MODEL, tmp_path / "model.json")
    assert read_model(tmp_path / "model.json") == MODEL
    assert len((tmp_path / "model.json").read_text().splitlines()) == 2 + len(MODEL.__struct_fields__)


def test_a_version_is_of_all_that_matters() -> None:
    others: list[dict[str, object]] = [
        {"data": "e" * 64},
        {"features": ("a", "b")},
        {"metrics": {"auc": 0.8}},
        {"low": ASKS},
    ]
    versions = {msgspec.structs.replace(MODEL, **other).version for other in others}
    assert len(versions | {MODEL.version}) == 5


def test_what_it_says() -> None:
    said = MODEL.said(TWO)
    assert said.chance == pytest.approx([1 / (1 + np.e), 1 / (1 + 1 / np.e)])
    assert said.high.tolist() == [0.5, 0.5]
    assert MODEL.said_without_tails(TWO) == pytest.approx([1 / (1 + np.exp(-0.5))] * 2)


def test_other_features_are_refused() -> None:
    with pytest.raises(ValueError, match="other features"):
        MODEL.said(Features(("block_minutes",), TWO.x[:, :1]))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "no delay model"),
        ('{"format": 1}', "no delay model"),
        (msgspec.json.encode(msgspec.structs.replace(MODEL, format=2)).decode(), "format 2"),
        (
            msgspec.json.encode(msgspec.structs.replace(MODEL, features=())).decode(),
            "chance: node 0 asks for feature 0",
        ),
    ],
)
def test_a_file_that_is_no_model_is_refused(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(ValueError, match=says):
        read_model(tmp_path / "model.json")


def test_predictions_as_a_table() -> None:
    flights = of_table(table(flight("12:00"), flight("15:00", number="2")))
    rows = as_table(MODEL.said(TWO), flights).to_dicts()
    assert [f"{row['predicted_at']:%H:%M}" for row in rows] == ["10:00", "13:00"]
    assert rows[1]["late_middle_minutes"] == 0.5
