"""`python -m courier.look.translations update|check`."""

from __future__ import annotations

import sys

from courier.look.translations import problems, update


def main(arguments: list[str]) -> int:
    """Run one of the two commands; 0 if nothing is missing."""
    if arguments == ["update"]:
        missing = update()
        sys.stdout.write(f"{missing} without English\n")
        return 0
    if arguments == ["check"]:
        found = problems()
        sys.stdout.write("".join(f"{line}\n" for line in found) or "ok\n")
        return 1 if found else 0
    sys.stderr.write("usage: python -m courier.look.translations update|check\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
