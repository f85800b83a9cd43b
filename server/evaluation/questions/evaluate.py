"""Prints how the compiler answers the questions beside this file: `make eval-questions`.

--sealed: the sealed quarter, which nobody who changes the rules reads; one line more in
sealed-uses.txt.
--list: each question that was not answered rightly, too.
"""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

from question_files import FOLDER, Question, read_questions, read_sealed
from question_scores import VERDICTS, Score, counts, judge, penalty, wilson
from question_worlds import vocabulary_of

from agentverse.compiler import (
    COMPILER_VERSION,
    Compilation,
    QuestionRefused,
    compile_question,
    suggest,
)

_WIDTH = 13


def score(question: Question) -> Score:
    vocabulary = vocabulary_of(question.template)
    try:
        compilation = compile_question(question.text, vocabulary)
    except QuestionRefused:
        return judge(question, Compilation(), (), vocabulary)
    offered = suggest(question.text, compilation, vocabulary)
    return judge(question, compilation, [one.event_scripts for one in offered], vocabulary)


def report(scores: Sequence[Score]) -> list[str]:
    """A table, one row a template and one for all of them."""
    templates = sorted({one.question.template for one in scores})
    rows = [[one for one in scores if one.question.template == name] for name in templates]
    head = ("template", "n", *VERDICTS, "exact of compile", "points")
    lines = ["  ".join(text.ljust(_WIDTH) for text in head)]
    for name, row in [*zip(templates, rows, strict=True), ("all", list(scores))]:
        lines.append(_line(name, row))
    return lines


def _line(name: str, scores: Sequence[Score]) -> str:
    found = counts(scores)
    meant = sum(one.question.expect == "compile" for one in scores)
    low, high = wilson(found["exact"], meant)
    exact = f"{found['exact']}/{meant} {100 * low:.0f}–{100 * high:.0f} %"
    cells = (name, len(scores), *(found[verdict] for verdict in VERDICTS), exact, penalty(scores))
    return "  ".join(str(cell).ljust(_WIDTH) for cell in cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sealed", action="store_true")
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args()
    questions = read_sealed() if given.sealed else read_questions()
    if given.sealed:
        with (FOLDER / "sealed-uses.txt").open("a", encoding="utf-8") as uses:
            uses.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M} compiler {COMPILER_VERSION}\n")
    scores = [score(question) for question in questions]
    print("\n".join(report(scores)))
    if given.list and not given.sealed:
        for one in scores:
            if one.verdict not in ("exact", "refused rightly"):
                print(f"{one.verdict}: {one.question.id}: {one.question.text}")


if __name__ == "__main__":
    main()
