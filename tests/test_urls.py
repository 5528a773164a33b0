"""Every URL as everybody on everything: no leak, no foreign write, no crash, and exactly the rights of the table."""

import os
import tempfile
from pathlib import Path

import pytest
from django.test import TestCase, override_settings

from tests.urls_checker import Matrix, every_pattern
from tests.urls_mutants import MUTANTS
from tests.urls_table import ROUTES
from tests.urls_world import build_world


def test_every_pattern_has_a_route():
    missing = sorted(set(every_pattern()) - set(ROUTES))
    assert not missing, f"Add to ROUTES in tests/urls_table.py how to call these, and who may: {missing}"


def test_every_route_has_a_pattern():
    gone = sorted(set(ROUTES) - set(every_pattern()))
    assert not gone, f"These addresses are gone; take them out of ROUTES in tests/urls_table.py: {gone}"


class TestRights(TestCase):
    """One test a pattern, over a world that is built once and taken back at the end."""

    @classmethod
    def setUpClass(cls):
        """Give exports a folder of their own."""
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        folders = {"ARTIFACTS_DIR": "", "IMPORTS_DIR": "imports", "EVIDENCE_DIR": "evidence"}
        cls.enterClassContext(override_settings(**{name: Path(folder) / part for name, part in folders.items()}))
        super().setUpClass()

    @classmethod
    def setUpTestData(cls):
        """Build the world."""
        cls.world = build_world()

    def check(self, name):
        """Ask for everything on one pattern; who may what needs to be asked on one engine, what odd addresses do on each."""
        matrix = Matrix(self.world, ROUTES)
        matrix.check_route(name, of_rights=not os.environ.get("TWR_TEST_ONCE"))
        assert not matrix.findings, f"{len(matrix.findings)} findings\n" + "\n".join(matrix.findings[:40])

    @pytest.mark.once
    def test_the_matrix_sees_planted_faults(self):
        """Faults, each of a kind that has slipped into products like this; a matrix that misses one proves nothing."""
        missed = []
        for name, mutant in MUTANTS.items():
            matrix = Matrix(self.world, ROUTES)
            with mutant.planted(self.world):
                matrix.check_route(mutant.route)
            if not any(finding.startswith(mutant.found_as) for finding in matrix.findings):
                missed.append(f"{name}: {matrix.findings[:3]}")
        assert not missed, "\n".join(missed)


def _test_of(name):
    return lambda self: self.check(name)


for _name in sorted(set(ROUTES) & set(every_pattern())):
    setattr(TestRights, f"test_{_name.replace(':', '_')}", _test_of(_name))
