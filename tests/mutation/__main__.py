"""`make mutation`: changes the rules' code in one place at a time, and counts how often a test of theirs fails.

mutmut makes the mutants and runs the tests that reach each (`[tool.mutmut]` in pyproject.toml). It leaves alone what
stands outside functions (constants, tables) and decorated functions (the properties of a rule, the commands).

It may be stopped, by Ctrl-C or after `--minutes`: the same command goes on where it was, unless a file that it copies
was changed since.
"""

import hashlib
import json
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from mutmut.configuration import config

from tests.mutation.score import Mutant, equivalents, report, score

LEAST_SHARE: Final = 0.85
FOLDER: Final = Path("rules")
MUTANTS: Final = Path("mutants")
"""Where mutmut works: a copy of the project with the mutants in it, and its verdicts beside them."""
OF_CODE: Final = MUTANTS / "of-code"
CHILDREN: Final = "2"
"""Mutants tried at a time."""
CODE: Final = (".py", ".toml", ".json", ".sql", ".md", ".avsc")
EQUIVALENT: Final = Path("tests") / "mutation" / "equivalent.toml"
SURVIVORS: Final = Path("build") / "mutation" / "survivors.diff"


def main(
    sample: Annotated[int, typer.Option(min=0, help="Only so many mutants, drawn by chance; 0: all of them.")] = 0,
    seed: Annotated[int, typer.Option(help="Of the draw.")] = 1,
    minutes: Annotated[float, typer.Option(min=0, help="Stop after so many; the same again goes on. 0: never.")] = 0,
) -> None:
    """Exit 1 if the tests kill less than 85 % of the mutants of rules/; the survivors are left as diffs.

    Exit 3 if it was stopped before all were judged.
    """
    names = [name for path in sorted(FOLDER.glob("*.py")) for name in names_in(path)]
    drawn = draw(names, sample, seed)
    forget_verdicts_on_other_code()
    if waiting := undecided(drawn):
        run_mutmut(waiting if sample else (), minutes)
    if waiting := undecided(drawn):
        typer.echo(f"{len(drawn) - len(waiting)} of {len(drawn)} mutants are judged; the same command goes on")
        raise typer.Exit(3)
    mutants = list(judged(drawn))
    equivalent = equivalents(EQUIVALENT)
    left = [one for one in mutants if one.survives and one.change not in equivalent]
    SURVIVORS.parent.mkdir(parents=True, exist_ok=True)
    SURVIVORS.write_text("".join(f"# {one.name}\n{one.diff}\n" for one in left), encoding="utf-8")
    for one in left:
        typer.echo(f"survived: {one.name}: {one.change.old}  ->  {one.change.new}")
    typer.echo(report(mutants, equivalent, len(names)))
    typer.echo(f"{len(left)} survivors, whole in {SURVIVORS}")
    if score(mutants, equivalent).share < LEAST_SHARE:
        raise typer.Exit(1)


def forget_verdicts_on_other_code() -> None:
    """mutmut would keep its verdicts though a test was changed since. Which are equivalent is no part of them."""
    copied = [FOLDER, Path("tests"), *map(Path, config().also_copy)]
    files = {path for folder in copied for path in folder.rglob("*") if path.suffix in CODE}
    now = hashlib.sha256()
    for path in sorted({*files, Path("pyproject.toml")} - {EQUIVALENT}):
        now.update(f"{path}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    if not OF_CODE.exists() or OF_CODE.read_text(encoding="utf-8") != now.hexdigest():
        shutil.rmtree(MUTANTS, ignore_errors=True)
        MUTANTS.mkdir()
        OF_CODE.write_text(now.hexdigest(), encoding="utf-8")


def undecided(drawn: Sequence[str]) -> list[str]:
    """Those that mutmut has no verdict on yet."""
    decided = {name for name, exit_code in verdicts() if exit_code is not None}
    return [name for name in drawn if name not in decided]


def run_mutmut(names: Sequence[str], minutes: float) -> None:
    """mutmut on these mutants, on all for none, shown as it goes. Raises CalledProcessError if it fails by itself."""
    mutmut = str(Path(sys.executable).with_name("mutmut"))
    command = [mutmut, "run", "--max-children", CHILDREN, *names]
    with subprocess.Popen(command) as running:
        try:
            running.wait(60 * minutes or None)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            running.send_signal(signal.SIGINT)  # it ends its children, and what they found is kept
            running.wait()
            return
    if running.returncode:
        raise subprocess.CalledProcessError(running.returncode, command[:2])


def draw(names: Sequence[str], sample: int, seed: int) -> list[str]:
    """So many of the names; all of them for 0. A larger sample of the same seed holds the smaller one."""
    return random.Random(seed).sample(names, len(names))[: sample or None]


def names_in(path: Path) -> list[str]:
    """mutmut's names of the mutants of a module."""
    from mutmut.mutation.file_mutation import mutate_file_contents  # LibCST takes half a second
    from mutmut.utils.format_utils import get_mutant_name

    if not config().should_mutate(path):
        return []
    made = mutate_file_contents(str(path), path.read_text(encoding="utf-8"))
    return [get_mutant_name(path, name) for name in made.mutant_names]


def judged(names: Sequence[str]) -> Iterator[Mutant]:
    """mutmut's verdicts on these mutants."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant  # LibCST again

    wanted = set(names)
    for name, exit_code in verdicts():
        if name in wanted:
            one = Mutant(name, exit_code)
            if one.survives:
                one = one._replace(diff=get_diff_for_mutant(name, path=FOLDER / f"{one.module}.py"))
            yield one


def verdicts() -> Iterator[tuple[str, int | None]]:
    """By name, mutmut's exit codes so far; None where there is none yet."""
    for path in sorted((MUTANTS / FOLDER).glob("*.py.meta")):
        yield from sorted(json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"].items())


if __name__ == "__main__":
    typer.run(main)
