"""The engine's version; the meaning of its numbers has a number of its own."""

VERSION = "0.2.0"
SEMANTICS = 2  # rises when the same scenario gives other numbers on purpose
ENGINE_VERSION = f"{VERSION}+semantics.{SEMANTICS}"
