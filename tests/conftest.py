"""What holds for all tests."""

from hypothesis import settings

# How long an example takes says nothing of the code: the machine may have other work.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
