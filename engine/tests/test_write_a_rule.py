"""The guide to writing a rule runs as printed, and lists every name that a rule may read."""

import doctest
from pathlib import Path

import agentverse_engine as av
from agentverse_engine.kernels.argument_binding import readable

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "write-a-rule.md"


def test_guide_examples_give_what_they_say() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    runnable = "\n".join(line for line in text.splitlines() if not line.startswith("```"))
    scope = {"__name__": "guide"}
    examples = doctest.DocTestParser().get_doctest(runnable, scope, "guide", str(GUIDE), 0)
    told: list[str] = []
    failed, tried = doctest.DocTestRunner().run(examples, out=told.append)
    assert tried > 25
    assert failed == 0, "".join(told)


def _nothing(choice: int) -> int:
    return choice


def test_guide_names_everything_that_a_rule_may_read() -> None:
    pack = av.Pack(
        name="p",
        alternatives=("a", "b"),
        levels=(av.Level(name="x", label="x", unit="1", minimum=0, maximum=1, default=0),),
        filters=(av.NeighbourFilter(name="f", function=_nothing, source="a test"),),
        rules=(av.Rule(name="r", function=_nothing, writes=("choice",), source="a test"),),
    )
    text = GUIDE.read_text(encoding="utf-8")
    missing = [name for name in readable(pack) if f"`{name}`" not in text and name[-2:] != "_b"]
    assert missing == []
