"""Verification codes: from a hash and back, however they are typed."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.verification import SIGNS, code_of, hash_start, mark_of
from tests.reports.sample_document import sample_document


@given(st.binary(max_size=8))
def test_a_code_leads_back_to_the_hash(data):
    sha256 = hashlib.sha256(data).hexdigest()
    code = code_of(sha256)
    assert len(code) == 14
    assert set(code) <= set(SIGNS + "-")
    assert hash_start(code) == sha256[:15]


@pytest.mark.parametrize("typed", ["0123-4567-89ab", " 0123 4567 89AB ", "oi23456789ab", "0123－4567－89AB"])
def test_it_may_be_typed_carelessly(typed):
    assert hash_start(typed) == hash_start("0123-4567-89AB")


@pytest.mark.parametrize("typed", ["", "0123-4567-89A", "0123-4567-89ABC", "0123-4567-89AU", "校验码", "%" * 12])
def test_what_is_no_code_is_none(typed):
    assert hash_start(typed) is None


def test_only_an_approved_version_carries_one():
    assert mark_of(sample_document()) == f"第1版　校验码 {code_of(sample_document().sha256)}"
    assert mark_of(sample_document(status_mark="未经审核")) == ""
    assert mark_of(sample_document(version=0)) == ""
