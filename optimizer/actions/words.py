"""Advice for people and for programs."""

from typing import Final

from optimizer.actions.action import Action
from optimizer.actions.recommend import Advice, Recommendation
from optimizer.live.words import words

_LATER_WORDS: Final = {
    "retime": "let the timetable say later for",
    "turnaround": "let the timetable give more time on the ground before",
    "pad_block": "let the timetable give more time on the way to",
    "trim_block": "let the timetable give less time on the way to",
}


def action_words(action: Action) -> str:
    """What to do, in one line."""
    if action.kind == "hold":
        return f"hold {', '.join(action.legs)} for {action.minutes} min"
    if action.minutes:
        earlier = action.kind == "retime" and action.minutes < 0
        what = "let the timetable say earlier for" if earlier else _LATER_WORDS[action.kind]
        return f"{what} {', '.join(action.legs)} by {abs(action.minutes)} min"
    if action.lines:
        moved = "; ".join(
            f"the aircraft of {head} flies {' then '.join(line) or 'nothing'}" for head, line in action.lines
        )
        return f"re-route: {moved}"
    kind = "swap_tails" if action.kind == "swap_tails" else "swap_gauge" if action.aircraft_of else action.kind
    return words(kind, action.legs or tuple(leg for leg, _ in action.aircraft_of))[0]


def recommendation_words(found: Recommendation) -> str:
    """A block for each piece of advice, the best first."""
    if not found.advice:
        return "nothing would help: no aircraft of these flights is expected late, or none could take its place"
    blocks = [f"{found.considered} actions considered; margin, A14 and the rest against doing nothing, 95 % intervals"]
    if not found.advice[0].worth_doing:
        blocks.append("nothing is worth doing beyond chance; what comes closest:")
    blocks += [_block(rank, one, found) for rank, one in enumerate(found.advice, 1)]
    return "\n".join(blocks)


def _block(rank: int, one: Advice, found: Recommendation) -> str:
    changed = one.effect
    terms = ", ".join(f"{name} {-usd:+,.0f}" for name, usd in changed.terms_usd.items() if round(usd))
    moved = ", ".join(f"{name.replace('_', ' ')} {usd:+,.0f}" for name, usd in one.moved_usd.items())
    margin, a14 = changed.margin_usd, changed.a14_points
    lines = [
        f"{rank}. {action_words(one.action)}{'' if one.worth_doing else ' (not worth it beyond chance)'}",
        f"   margin US$ {margin.mean:+,.0f} ({margin.low:+,.0f} to {margin.high:+,.0f}),"
        f" A14 {a14.mean:+.2f} points ({a14.low:+.2f} to {a14.high:+.2f}),"
        f" misconnected {changed.misconnected.mean:+.1f}, CO2 {changed.co2_kg.mean / 1000:+.1f} t",
        f"   by term, US$: {terms or 'none'}",
        f"   a tenth more or less, US$: {moved}",
        f"   what binds: {one.binding}",
    ]
    if rank == 1 and len(found.advice) > 1:
        second = found.advice[1]
        behind = second.effect.margin_usd.mean - margin.mean
        lines.append(f"   runner-up: {action_words(second.action)}, US$ {behind:+,.0f}")
    return "\n".join(lines)


def recommendation_json(found: Recommendation) -> dict[str, object]:
    """The same with all figures."""
    return {"considered": found.considered, "advice": [_plain(one) for one in found.advice]}


def _plain(one: Advice) -> dict[str, object]:
    spans = {name: list(span) for name, span in one.effect._asdict().items() if name != "terms_usd"}
    return {
        "kind": one.action.kind,
        "words": action_words(one.action),
        "legs": list(one.action.touched),
        "worth_doing": one.worth_doing,
        "effect": spans,
        "cost_by_term_usd": one.effect.terms_usd,
        "margin_if_moved_usd": one.moved_usd,
        "binding": one.binding,
    }
