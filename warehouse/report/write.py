"""Write a day's report where reports lie, page and figures, and announce it."""

import os
import unicodedata
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from warehouse.answer import open_star
from warehouse.report.figures import Figures, figures
from warehouse.report.words import WORDS, Language, Words, language_of
from warehouse.settings import HistorySettings
from warehouse.storage import Store

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

TOPIC_VARIABLE: Final = "SEMAFORO_REPORTS_TOPIC_ARN"
_SUBJECT_CHARACTERS: Final = 100


class Written(NamedTuple):
    """Where the page lies, and its subject in one line."""

    path: str
    subject: str

    def said(self) -> str:
        """In words."""
        return f"{self.subject}: {self.path}"


def write(settings: HistorySettings, day: date, language: Language | None = None) -> Written:
    """`date=…/report.html` and `report.json` under the reports' root, in the place of older ones; in the language of
    LANGUAGE unless told. Raises NoStar, or duckdb.Error if the star lacks a column."""
    from warehouse.report.page import page  # its plots take 0.6 s to import, which no other command pays

    words = WORDS[language or language_of(os.environ.get("LANGUAGE", ""))]
    with open_star(settings.star_path) as star:
        found = figures(star, Store(settings.clean_url), day)
    reports = Store(settings.reports_url)
    folder = f"date={day:%Y-%m-%d}"
    reports.write(f"{folder}/report.json", msgspec.json.format(msgspec.json.encode(found._asdict() | _named(found))))
    reports.write(f"{folder}/report.html", page(found, words).encode())
    return Written(reports.path(f"{folder}/report.html"), subject(found, words, settings.stage))


def announce(written: Written, topic_arn: str, sns: "SNSClient") -> None:
    """Say on the topic that there is a report. Raises botocore's ClientError or BotoCoreError."""
    sns.publish(TopicArn=topic_arn, Subject=written.subject, Message=f"{written.subject}\n{written.path}\n")


def subject(found: Figures, words: Words, stage: str) -> str:
    """ASCII, at most 100 characters, as SNS takes it."""
    reds = sum(one["light"] == "RED" for one in found.alerts or ())
    network = found.network
    said = words.subject.format(
        day=f"{found.day:%Y-%m-%d}", on_time=network["arrivals_on_time"], flights=network["flights"], reds=reds,
        stage=stage,
    )  # fmt: skip
    folded = "".join(c for c in unicodedata.normalize("NFKD", said) if " " <= c <= "~")
    return folded if len(folded) <= _SUBJECT_CHARACTERS else f"{folded[: _SUBJECT_CHARACTERS - 3]}..."


def _named(found: Figures) -> dict[str, object]:
    """What JSON shall hold by name, not by place."""
    quality = found.quality._asdict()
    if found.quality.topics is not None:
        quality["topics"] = [topic._asdict() for topic in found.quality.topics]
    return {
        "anomalies": [one._asdict() | {"is_unusual": one.is_unusual} for one in found.anomalies],
        "quality": quality,
    }
