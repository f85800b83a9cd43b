"""Lets the tests here import the corpus reader and the vocabularies beside them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
