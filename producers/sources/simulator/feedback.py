"""What passengers say afterwards: answers and complaints, by how their flight went.

The kiosk at the gate still asks only the 1-5 question: its answers go out in version 1 of the record.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import numpy as np

from producers.sources.simulator.noise import stream
from producers.sources.simulator.outcome import Outcome
from producers.sources.simulator.timetable import instant_of
from schemas.events import PassengerFeedback

KIOSK: Final = "KIOSK"
CHANNELS: Final = (("APP", 0.45), ("SURVEY", 0.35), (KIOSK, 0.20))
COMPLAINT_CHANNEL: Final = "CALL_CENTER"
RESPONSE_SHARE: Final = 0.025  # of the passengers
PREMIER_SHARE: Final = 0.10
# A latent score, rounded to 1-5; with the spread, 80 % answer 4 or 5 after a punctual flight.
SCORE_MEAN: Final = 4.5
SCORE_SIGMA: Final = 1.0
SCORE_PER_DELAY_MINUTE: Final = -0.012
PREMIER_BONUS: Final = 0.15
# Complaints per passenger: US DOT reports a few per 100,000 to the regulator; airlines hear about 100 times that.
COMPLAINT_SHARE: Final = 0.0008
COMPLAINT_SHARE_PER_DELAY_HOUR: Final = 0.006
COMPLAINT_SHARE_STRANDED: Final = 0.04
ANSWER_HOURS_MEAN: Final = 5.0
ANSWER_HOURS_MAX: Final = 24.0


def feedback(outcome: Outcome, passengers: int, seed: int, source: str) -> Iterator[PassengerFeedback]:
    """Answers and complaints about one flight; nobody answers a survey about a flight that did not go."""
    generator = stream(seed, "feedback", outcome.leg.flight_id)
    delay_minutes = outcome.arrival_delay_minutes
    stranded = outcome.state != "ARRIVED"
    answers = 0 if outcome.state == "CANCELLED" else int(generator.poisson(RESPONSE_SHARE * passengers))
    share = COMPLAINT_SHARE + COMPLAINT_SHARE_PER_DELAY_HOUR * delay_minutes / 60
    share += COMPLAINT_SHARE_STRANDED if stranded else 0.0
    complaints = int(stream(seed, "complaints", outcome.leg.flight_id).poisson(share * passengers))
    for number in range(answers + complaints):
        yield _one(outcome, number, number >= answers, generator, seed, source)


def _one(
    outcome: Outcome, number: int, complaint: bool, generator: np.random.Generator, seed: int, source: str
) -> PassengerFeedback:
    hours, channel_u, cabin_u = -np.log1p(-generator.random()), generator.random(), generator.random()
    z_score, z_recommend = generator.standard_normal(2).tolist()
    seconds = round(1800 + min(float(hours) * ANSWER_HOURS_MEAN, ANSWER_HOURS_MAX) * 3600)
    premier = cabin_u < PREMIER_SHARE
    score = SCORE_MEAN + SCORE_SIGMA * z_score + SCORE_PER_DELAY_MINUTE * outcome.arrival_delay_minutes
    score += PREMIER_BONUS * premier - 2.0 * (outcome.state != "ARRIVED")
    channel = COMPLAINT_CHANNEL if complaint else _channel(float(channel_u))
    asked = channel not in (KIOSK, COMPLAINT_CHANNEL)
    leg = outcome.leg
    return PassengerFeedback(
        event_id=f"sim{seed}:{leg.flight_id}:feedback-{number}",
        event_at=instant_of(outcome.ends) + timedelta(seconds=seconds),
        source=source,
        **leg.identity(),
        cabin="PREMIER" if premier else "ECONOMY",
        channel=channel,
        satisfaction=None if complaint else min(max(round(score), 1), 5),
        complaint=complaint,
        recommend=min(max(round(2 * score + 0.6 + 1.2 * z_recommend), 0), 10) if asked else None,
    )


def _channel(u: float) -> str:
    for channel, share in CHANNELS:
        if u < share:
            return channel
        u -= share
    return CHANNELS[-1][0]
