"""Every public name says what it is: arrays with dtype and shape, and the errors that it raises."""

import ast
import re

import public_surface
import pytest
from public_surface import Function, PublicName

ARRAY = re.compile(r"ArrayLike|NDArray|Floats|Integers|Booleans|Codes")
SHAPE = re.compile(r"(?:float|int|uint|bool)\d*\[|\bbool\[|0 or 1 \[|numbers \[|one value per")
PUBLIC = list(public_surface.public_names())


def undescribed(names: list[str], words: str) -> list[str]:
    return [name for name in names if not re.search(rf"\b{name}\b", words)]


def array_arguments(function: Function) -> list[str]:
    given = function.args
    arguments = (*given.posonlyargs, *given.args, *given.kwonlyargs)
    return [
        item.arg
        for item in arguments
        if item.annotation and ARRAY.search(ast.unparse(item.annotation))
    ]


def array_fields(kind: ast.ClassDef) -> list[str]:
    fields = (node for node in kind.body if isinstance(node, ast.AnnAssign))
    return [
        name
        for item in fields
        if ARRAY.search(ast.unparse(item.annotation))
        if not (name := ast.unparse(item.target)).startswith("_")
    ]


def unsaid(definition: public_surface.Definition) -> list[str]:
    """Arrays that a docstring does not describe, and "shape" where it gives none."""
    words = ast.get_docstring(definition) or ""
    if isinstance(definition, ast.ClassDef):
        arrays, returned = array_fields(definition), False
    else:
        arrays = array_arguments(definition)
        result = ast.unparse(definition.returns) if definition.returns else ""
        returned = bool(ARRAY.search(result))
    missing = undescribed(arrays, words)
    if (arrays or returned) and not SHAPE.search(words):
        missing.append("shape")
    return missing


def test_there_is_much_to_check() -> None:
    functions = [item.definition for item in PUBLIC if isinstance(item.definition, Function)]
    assert len(functions) > 180
    assert len(PUBLIC) - len(functions) > 90
    assert sum(bool(array_arguments(function)) for function in functions) > 40
    assert sum(bool(item.errors) for item in PUBLIC) > 120


def test_a_public_name_begins_with_one_sentence() -> None:
    firsts = {item.name: item.words.partition("\n\n")[0].rstrip() for item in PUBLIC}
    assert not {name: text for name, text in firsts.items() if not text.endswith((".", ":"))}


def test_a_public_name_gives_dtype_and_shape_of_its_arrays() -> None:
    assert not {item.name: faults for item in PUBLIC if (faults := unsaid(item.definition))}


def test_a_public_name_names_the_errors_that_it_raises() -> None:
    missing = {item.name: item.errors - set(re.findall(r"\w+", item.words)) for item in PUBLIC}
    assert not {name: names for name, names in missing.items() if names}, "say when each is raised"


@pytest.mark.parametrize(
    ("name", "errors"),
    [
        ("raises", {"RequestError"}),
        ("calls_private", {"RequestError"}),
        ("calls_a_check", {"RequestError"}),
        ("hands_over", {"RequestError"}),
        ("raises_what_is_made", {"NetworkError"}),
        ("raises_another", set[str]()),
        ("only_calls_public", set[str]()),
        ("Value", {"RequestError"}),
        ("Value.method", {"NetworkError"}),
    ],
)
def test_an_error_is_found_wherever_it_is_raised(name: str, errors: set[str]) -> None:
    assert PublicName(name, "raising_examples", name).errors == errors


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        ("def f(x: Floats): 'Of x.'", ["shape"]),
        ("def f(x: Floats): 'Of float64[n].'", ["x"]),
        ("def f(x: Floats): 'Of x: float64[n].'", []),
        ("def f() -> Floats: 'Return numbers.'", ["shape"]),
        ("class A:\n 'Holds.'\n x: NDArray[np.int32]", ["x", "shape"]),
        ("class A:\n 'x: int32[n].'\n x: NDArray[np.int32]\n _y: Floats", []),
    ],
)
def test_an_array_that_is_not_described_is_found(source: str, faults: list[str]) -> None:
    (definition,) = ast.parse(source).body
    assert isinstance(definition, public_surface.Definition)
    assert unsaid(definition) == faults
