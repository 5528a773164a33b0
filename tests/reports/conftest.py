"""What the tests of reports share."""

import pytest


@pytest.fixture
def world(db, lasting_world):
    """The module's own world, made once; what a test does to it is taken back."""
    return lasting_world
