"""`make mutation`: changes the rules' code in one place at a time, and counts how often a test of theirs fails.

mutmut makes the mutants and runs the tests that reach each (`[tool.mutmut]` in pyproject.toml). It leaves alone what
stands outside functions (constants, tables) and decorated functions (the properties of a rule, the commands).
"""

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from mutmut.configuration import config
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.utils.format_utils import get_mutant_name

from tests.mutation.score import Mutant, equivalents, report, score

LEAST_SHARE: Final = 0.85
FOLDER: Final = Path("rules")
MUTANTS: Final = Path("mutants")
"""Where mutmut works: a copy of the project with the mutants in it, and its verdicts beside them."""
EQUIVALENT: Final = Path(__file__).with_name("equivalent.toml")
SURVIVORS: Final = Path("build") / "mutation" / "survivors.diff"


def main(
    sample: Annotated[int, typer.Option(min=0, help="Only so many mutants, drawn by chance; 0: all of them.")] = 0,
    seed: Annotated[int, typer.Option(help="Of the draw.")] = 1,
) -> None:
    """Exit 1 if the tests kill less than 85 % of the mutants of rules/; the survivors are left as diffs."""
    names = [name for path in sorted(FOLDER.glob("*.py")) for name in names_in(path)]
    drawn = draw(names, sample, seed)
    # mutmut would keep its verdicts though a test was changed since.
    shutil.rmtree(MUTANTS, ignore_errors=True)
    mutmut = str(Path(sys.executable).with_name("mutmut"))
    subprocess.run([mutmut, "run", "--max-children", "1", *(drawn if sample else ())], check=True)
    mutants = list(judged(drawn))
    equivalent = equivalents(EQUIVALENT)
    typer.echo(report(mutants, equivalent, len(names)))
    left = [one for one in mutants if one.survives and one.change not in equivalent]
    SURVIVORS.parent.mkdir(parents=True, exist_ok=True)
    SURVIVORS.write_text("".join(f"# {one.name}\n{one.diff}\n" for one in left), encoding="utf-8")
    typer.echo(f"{len(left)} survivors, see {SURVIVORS}")
    if score(mutants, equivalent).share < LEAST_SHARE:
        raise typer.Exit(1)


def draw(names: Sequence[str], sample: int, seed: int) -> list[str]:
    """So many of the names; all of them for 0. A larger sample of the same seed holds the smaller one."""
    return random.Random(seed).sample(names, len(names))[: sample or None]


def names_in(path: Path) -> list[str]:
    """mutmut's names of the mutants of a module."""
    if not config().should_mutate(path):
        return []
    made = mutate_file_contents(str(path), path.read_text(encoding="utf-8"))
    return [get_mutant_name(path, name) for name in made.mutant_names]


def judged(names: Sequence[str]) -> Iterator[Mutant]:
    """mutmut's verdicts on these mutants."""
    wanted = set(names)
    for path in sorted((MUTANTS / FOLDER).glob("*.py.meta")):
        verdicts = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        for name in sorted(wanted & verdicts.keys()):
            one = Mutant(name, verdicts[name])
            if one.survives:
                one = one._replace(diff=get_diff_for_mutant(name, path=FOLDER / path.stem))
            yield one


if __name__ == "__main__":
    typer.run(main)
