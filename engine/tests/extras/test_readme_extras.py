"""The README's lines that need extras run after its notebook, in the same names."""

import doctest
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import agentverse_engine as av
from agentverse_engine.optional import require


def test_readme_lines_with_extras_run_and_agree() -> None:
    pyplot: Any = require("matplotlib.pyplot", extra="plot")
    pyplot.switch_backend("agg")
    readme = Path(__file__).parents[2] / "README.md"
    text = readme.read_text(encoding="utf-8")
    notebook = "\n".join(line for line in text.splitlines() if not line.startswith("```"))
    examples = doctest.DocTestParser().get_doctest(notebook, {}, "README", str(readme), 0)
    doctest.DocTestRunner().run(examples, clear_globs=False)
    blocks = re.findall(r"```python\n(?!>>>)(.*?)```", text, flags=re.DOTALL)
    assert len(blocks) == 1
    names: dict[str, Any] = examples.globs
    exec(blocks[0], names)  # noqa: S102  our own page
    after: av.Trajectory = names["after"]
    assert names["stock"][9, "pump"] == pytest.approx(after.stock[:, 9, :, :, 1].mean())
    np.testing.assert_array_equal(names["state"], after.state_at(9))
    assert len(names["axes"].lines) == 2
    pyplot.close("all")
