r"""Patterns of declared keys: RE2's, linear, with the meaning that JSON Schema gives them."""

from __future__ import annotations

import pytest

from fsm_langgraph.data.patterns import MAX_MATCHED, has_pattern, pattern_fault


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        pytest.param("b", "abc", True, id="anywhere"),
        pytest.param("^b", "abc", False, id="at the start"),
        pytest.param("^a$", "a\n", False, id="the end is the very end"),
        pytest.param(r"^\d$", "٣", False, id="digits are ASCII"),
        pytest.param(r"^\w+$", "é", False, id="so are words"),
        pytest.param(r"^\p{L}+$", "éжア", True, id="letters of any script"),
        pytest.param("(?i)^é$", "É", True, id="without regard to case"),
        pytest.param("(?P<year>[0-9]{4})", "2024", True, id="a named group"),
        pytest.param("[[a]]", "a]", True, id="a bracket in a set"),
        pytest.param("", "", True, id="nothing"),
        pytest.param("a", "\ud800a", True, id="half a character"),
        pytest.param("(", "(", False, id="no pattern"),
        pytest.param("a", "a" * (MAX_MATCHED + 1), False, id="a text that is very long"),
    ],
)
def test_a_text_has_a_match_of_a_pattern(pattern: str, text: str, found: bool) -> None:
    assert has_pattern(text, pattern) is found


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$", r"(\s*\w*)*!"])
def test_a_pattern_that_would_backtrack_comes_to_its_end(pattern: str) -> None:
    assert not has_pattern("a" * (MAX_MATCHED - 1) + "\n", pattern.replace(r"\s", "[ ]"))


@pytest.mark.parametrize(
    ("pattern", "reason", "advice"),
    [
        pytest.param("(?=a)b", "invalid perl operator: (?=", "no lookaround", id="looking ahead"),
        pytest.param("(?<!a)b", "invalid", "no lookaround", id="looking back"),
        pytest.param(r"(a)\1", r"invalid escape sequence: \1", "no back references", id="a back reference"),
        pytest.param("(?P<a>a)(?P=a)", "invalid", "no back references", id="a named one"),
        pytest.param("a++b", "bad repetition operator: ++", "possessive", id="a possessive repetition"),
        pytest.param("(?>a)", "invalid perl operator: (?>", "atomic", id="an atomic group"),
        pytest.param(r"a\Z", r"invalid escape sequence: \Z", "Write $", id="Python's end"),
        pytest.param(r"\u00e9", r"invalid escape sequence: \u", r"\x{00E9}", id="a code point"),
        pytest.param("a{1,2000}", "invalid repetition size", "1,000 times", id="many repetitions"),
        pytest.param(r"(\p{L}{100}){10}", "pattern too large", "less room", id="a large program"),
        pytest.param("[", "missing ]", "", id="an open bracket"),
        pytest.param("a" * 1001, "is longer than 1,000 characters", "", id="long"),
    ],
)
def test_what_re2_does_not_know_is_refused_with_advice(pattern: str, reason: str, advice: str) -> None:
    found, next_thing = pattern_fault(pattern)

    assert reason in found
    assert advice in next_thing


def test_a_good_pattern_has_no_fault() -> None:
    assert pattern_fault(r"^L-[0-9]{4}$") == ("", "")
