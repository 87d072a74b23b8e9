"""The rules of the house, each a function from a tree of files to what breaks it (one text per breach).

`tests/test_architecture.py` holds the project to them, and each of them to a tree that breaks it.
"""

from tests.architecture import dependencies, files, imports
from tests.architecture.tree import Tree

RULES = (
    imports.imports_between_folders,
    imports.third_parties_in_their_place,
    dependencies.imports_are_declared,
    dependencies.nothing_is_declared_in_vain,
    files.modules_are_short,
    files.names_say_something,
    files.folders_are_packages,
    files.tests_of_servers_are_marked,
    files.no_machine_is_named,
    files.no_secret_is_kept,
    dependencies.requirements_are_locked,
    dependencies.what_ships_was_tested,
    dependencies.extras_cover_the_requirements,
)

__all__ = ["RULES", "Tree", "dependencies", "files", "imports"]
