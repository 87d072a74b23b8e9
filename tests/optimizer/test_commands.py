"""Train and evaluate through the door that people use, on made-up flights."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from optimizer.__main__ import app
from optimizer.delay.model import read_model
from tests.optimizer.data_folder import write
from tests.optimizer.made_up import season

pytestmark = pytest.mark.xdist_group("optimizer")
RUN = CliRunner()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write(folder, *season(45, seed=7))
    return folder


@pytest.fixture(scope="module")
def model(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("model") / "below" / "model.json"
    trained = RUN.invoke(
        app, ["train", "--data", str(data), "--until", "2013-06-08", "--trees", "40", "--out", str(out), "--json"]
    )
    assert trained.exit_code == 0, trained.output
    said = json.loads(trained.stdout)
    assert said["version"] == read_model(out).version
    assert read_model(out).metrics["log_loss"] == pytest.approx(said["chances"]["ours"]["log_loss"], abs=1e-5)
    assert "fitting the chance" in trained.stderr
    return out


def test_evaluate_holds_ours_beside_the_others_and_says_what_was_missed(data: Path, model: Path) -> None:
    judged = RUN.invoke(app, ["evaluate", str(model), "--data", str(data), "--json"])
    said = json.loads(judged.stdout)
    assert said["flights"] == 7 * 45  # 8 to 14 June
    assert list(said["chances"])[-4:] == [
        "logistic regression on everything, set right alike",
        "recent delay at the origin",
        "route and hour",
        "base rate",
    ]
    # Whole days are bad or good here: what knows the last hours beats what does not.
    assert said["chances"]["ours"]["auc"] > 0.6 > said["chances"]["route and hour"]["auc"]
    # Nobody promised anything about these flights, so some bar is missed, and the exit code says so.
    assert said["missed"]
    assert judged.exit_code == 1
    assert all(broken in judged.stderr for broken in said["missed"])


def test_evaluate_for_people(data: Path, model: Path) -> None:
    judged = RUN.invoke(app, ["evaluate", str(model), "--data", str(data)])
    assert f"model {read_model(model).version}, fitted to flights before 2013-06-08" in judged.stdout
    assert "the interval from 10 to 90 % covers" in judged.stdout


def test_training_twice_gives_the_same_version(data: Path, model: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.json"
    RUN.invoke(app, ["train", "--data", str(data), "--until", "2013-06-08", "--trees", "40", "--out", str(again)])
    assert again.read_bytes() == model.read_bytes()


def test_other_data_are_refused(model: Path, tmp_path: Path) -> None:
    write(tmp_path, *season(20, seed=8))
    refused = RUN.invoke(app, ["evaluate", str(model), "--data", str(tmp_path)])
    assert refused.exit_code == 2
    assert "was fitted to other data" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["evaluate", "nothing.json"], "No such file"),
        (["train", "--until", "2013-06-08", "--trees", "40", "--data", "nowhere"], "No such file"),
        (["evaluate", __file__], "no delay model"),
    ],
)
def test_what_is_wrong_is_named_with_exit_code_2(arguments: list[str], says: str) -> None:
    refused = RUN.invoke(app, arguments)
    assert refused.exit_code == 2
    assert says in refused.stderr


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "flights.csv.zip").write_bytes(b"no archive")
    refused = RUN.invoke(app, ["train", "--data", str(tmp_path), "--out", str(tmp_path / "model.json")])
    assert refused.exit_code == 2
    assert "does not hold flights and weather" in refused.stderr


def test_nothing_to_learn_from_is_named(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "model.json"
    refused = RUN.invoke(app, ["train", "--data", str(data), "--until", "2013-05-10", "--out", str(out)])
    assert refused.exit_code == 2
    assert "0 flights to learn from" in refused.stderr
    assert not out.exists()
