"""Sentences and tables about what `judge` has computed, and how numbers are written."""
