"""Asks: questions and their answers."""
