"""Print the SQL of a stage: `python -m warehouse.redshift database=semaforo_prod_clean reader_role=arn:… …`."""

import sys

from warehouse.redshift import blanks_of, statements


def main(words: list[str]) -> int:
    """The exit code: 2 if a blank is missing or unknown."""
    given = dict(word.partition("=")[::2] for word in words)
    if wrong := set(given) ^ set(blanks_of()):
        print(f"warehouse.redshift: missing or unknown: {', '.join(sorted(wrong))}", file=sys.stderr)
        return 2
    print("\n".join(statements(given).values()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
