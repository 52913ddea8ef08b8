"""This run as something to keep: a page, a script, a notebook, a model, numbers."""
