"""Run named commands, two at a time where they are independent, and keep the output readable.

Arguments are `name=command`; `--then` ends a group. A group of several runs in parallel and shows
the output of a step only if it failed; a group of one shows everything as it comes.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import groupby

Step = tuple[str, str]


def parse(arguments: list[str]) -> list[list[Step]]:
    groups = groupby(arguments, key=lambda argument: argument == "--then")
    return [[as_step(item) for item in items] for is_break, items in groups if not is_break]


def as_step(argument: str) -> Step:
    name, _, command = argument.partition("=")
    return name.strip(), command


def run(step: Step, *, capture: bool) -> bool:
    name, command = step
    started = time.monotonic()
    if not capture:
        print(f"→ {name}", flush=True)
    done = subprocess.run(
        command,
        shell=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if capture else None,
        stderr=subprocess.STDOUT if capture else None,
    )
    mark = "✗" if done.returncode else "✓"
    seconds = time.monotonic() - started
    output = done.stdout.decode(errors="replace") if capture and done.returncode else ""
    print(f"{mark} {name} ({seconds:.1f} s)\n{output}", end="", flush=True)
    return done.returncode == 0


def run_group(group: list[Step]) -> list[bool]:
    if len(group) == 1:
        return [run(group[0], capture=False)]
    with ThreadPoolExecutor(min(len(group), os.cpu_count() or 2)) as pool:
        return list(pool.map(partial(run, capture=True), group))


def main() -> int:
    groups = parse(sys.argv[1:])
    outcomes = [outcome for group in groups for outcome in run_group(group)]
    names = [name for group in groups for name, _ in group]
    failed = [name for name, passed in zip(names, outcomes, strict=True) if not passed]
    print(f"\nsteps: {len(names) - len(failed)} passed, {len(failed)} failed")
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
