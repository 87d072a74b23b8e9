"""Plans for people and for programs."""

from optimizer.airline.prices import TERMS
from optimizer.planning.explain import Change, Explained, terms_usd
from optimizer.planning.problem import Timetable


def timetable_words(timetable: Timetable) -> str:
    """Flights a week by type, and the pad if there is one."""
    flights = " + ".join(f"{count} {kind}" for kind, count in timetable.flights) or "suspended"
    return f"{flights} a week" + (f", {timetable.pad_minutes:+d} min" if timetable.pad_minutes else "")


def change_words(change: Change) -> str:
    """One line; what it saves by term, positive is better."""
    terms = ", ".join(f"{name} {usd:+,.0f}" for name, usd in terms_usd(change.saves).items())
    return (
        f"{change.route}: {timetable_words(change.old)} -> {timetable_words(change.new)}:"
        f" US$ {change.saves.total / 100:+,.0f} a week ({terms})"
    )


def explained_words(found: Explained) -> str:
    """A plan, its changes and its reasons."""
    outcome = found.outcome
    if outcome.status in ("infeasible", "unknown"):
        why = "; ".join(outcome.fighting) or "no plan was found in time"
        return f"{outcome.status}: {why}"
    moved = ", ".join(f"{name.replace('_', ' ')} {usd:+,.0f}" for name, usd in found.moved_usd.items())
    lines = [f"{outcome.status}, at most {outcome.gap:.2%} above the least cost: US$ {found.worth_usd:+,.0f} a week"]
    lines += [f"  {change_words(change)}" for change in found.changes]
    lines.append(f"  what binds: {'; '.join(outcome.binding) or 'nothing'}")
    if found.runner_up_usd is not None:
        lines.append(f"  without its first change the best plan is worth US$ {found.runner_up_usd:+,.0f}")
    lines.append(f"  a tenth more or less, US$: {moved}")
    return "\n".join(lines)


def change_json(change: Change) -> dict[str, object]:
    """With all figures."""
    return {
        "route": change.route,
        "from": timetable_words(change.old),
        "to": timetable_words(change.new),
        "flights": dict(change.new.flights),
        "pad_minutes": change.new.pad_minutes,
        "worth_usd": change.saves.total / 100,
        "saved_by_term_usd": {name: getattr(change.saves, name) / 100 for name in TERMS},
    }


def explained_json(found: Explained) -> dict[str, object]:
    """With all figures."""
    return {
        "status": found.outcome.status,
        "gap": found.outcome.gap,
        "worth_usd": found.worth_usd,
        "changes": [change_json(change) for change in found.changes],
        "binding": list(found.outcome.binding),
        "fighting": list(found.outcome.fighting),
        "runner_up_usd": found.runner_up_usd,
        "if_moved_usd": found.moved_usd,
    }
