"""Text in CSV files that people open in a spreadsheet."""

FORMULA_SIGNS = (*"=+-@", *"＝＋－＠", "\t", "\r", "\n")
BLANKS = " \u00a0\ufeff"


def escape_formula(cell: str) -> str:
    """A cell that no spreadsheet runs: an apostrophe before what reads as a formula (OWASP)."""
    is_formula = cell.startswith(FORMULA_SIGNS) or cell.lstrip(BLANKS).startswith(FORMULA_SIGNS)
    return f"'{cell}" if is_formula else cell
