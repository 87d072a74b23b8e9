"""What is wrong with rule files: each problem with its file and line."""

from collections.abc import Iterable
from typing import NamedTuple

from schemas.errors import ContractError


class Problem(NamedTuple):
    """One thing to correct, as compilers say it: "catalog/margin.toml:7: …"."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class CatalogError(ContractError):
    """Rule files that cannot be used; `problems` has all of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
