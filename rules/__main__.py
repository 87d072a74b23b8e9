"""`python -m rules`: check the rule files, run the tests inside them, start a new one, fit pooled evidence."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, NoReturn

import msgspec
import typer
from msgspec.structs import replace

from rules.load import CATALOG_FOLDER, RuleFile, load_file, load_files
from rules.pooled import AIRPORT_FEATURES
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

    Unknown keys, KPIs and measures; thresholds out of order; lights that can never show; malformed tests; no positive
    or no negative test; no runbook.
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
        alone = fit_pooled.fit(known.before(cut), without=AIRPORT_FEATURES)
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
    text = msgspec.json.format(msgspec.json.encode(model), indent=1).decode() + "\n"
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        typer.echo(f"rules: wrote {out}")


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
    runbook = file.rule.runbook
    if runbook.startswith("https://") or (file.path.resolve().parents[2] / runbook).is_file():
        return []
    return [file.problem("runbook", f"no runbook {runbook!r}")]


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
