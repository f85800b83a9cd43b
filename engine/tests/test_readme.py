"""The README's notebook runs as printed."""

import doctest
from pathlib import Path


def test_readme_examples_give_what_they_say() -> None:
    readme = Path(__file__).parents[1] / "README.md"
    text = readme.read_text(encoding="utf-8")
    runnable = "\n".join(line for line in text.splitlines() if not line.startswith("```"))
    examples = doctest.DocTestParser().get_doctest(runnable, {}, "README", str(readme), 0)
    told: list[str] = []
    failed, tried = doctest.DocTestRunner().run(examples, out=told.append)
    assert tried > 15
    assert failed == 0, "".join(told)
