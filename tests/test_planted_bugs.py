"""The planted bugs do not rot: each can still be planted, and names a test that there is."""

from __future__ import annotations

import pytest
from planted_bugs import BUGS, ROOT, PlantedBug, applies

each_bug = pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)


@each_bug
def test_a_patch_still_applies(bug: PlantedBug) -> None:
    assert applies(bug)


@each_bug
def test_the_test_that_finds_a_bug_exists(bug: PlantedBug) -> None:
    file, _, test = bug.found_by.partition("::")
    assert f"def {test.partition('[')[0]}(" in (ROOT / file).read_text()
