"""A message is sorted by its manner."""

from __future__ import annotations

import pytest

from fsm_langgraph.offline.hearing import hear

YES = [
    "yes", "Yes!", "y", "yep", "yeah sure", "sure", "ok", "of course", "that's right", "thats right",
    "correct", "looks good", "looks good to me", "sounds great", "it's all correct",
    "everything is fine", "all good", "perfect", "I confirm", "I agree", "yes please", "please do",
    "why not", "no, that's right", "nothing to change", "no changes", "absolutely", "exactly", "right",
    "I do", "that's it, yes", "go ahead",
]  # fmt: skip


NO = [
    "no", "No.", "nope", "nah", "not really", "no thanks", "no thank you", "that's wrong",
    "thats not right", "wrong", "incorrect", "it is not correct", "I don't think so", "not quite",
    "never", "absolutely not", "something is wrong", "yes, but the name is wrong",
    "my e-mail is wrong", "there is a mistake", "don't", "no way", "not yet",
    "the date needs to be changed",
]  # fmt: skip


NEITHER = [
    "", "Ann Lee", "maybe", "what?", "is that right?", "hello", "the blue one", "3 May 1990", "nobody",
    "notebook", "okra soup", "yesterday", "I want pizza",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        *((text, True) for text in YES),
        *((text, False) for text in NO),
        *((text, None) for text in NEITHER),
    ],
)
def test_yes_and_no_are_understood_in_many_forms(text: str, answer: bool | None) -> None:
    assert hear(text).answer is answer


@pytest.mark.parametrize(
    ("text", "manner"),
    [
        ("hello", "greets"),
        ("Good morning!", "greets"),
        ("hi there", "greets"),
        ("I'd rather not say", "declines"),
        ("none of your business", "declines"),
        ("I don't want to tell you", "declines"),
        ("I won't say", "declines"),
        ("skip this", "declines"),
        ("that's private", "declines"),
        ("I don't know", "unsure"),
        ("no idea", "unsure"),
        ("what's the weather like?", "chats"),
        ("who made you?", "chats"),
        ("are you a robot", "chats"),
        ("tell me a joke", "chats"),
        ("what is this?", "chats"),
        ("why do you need that", "asks"),
        ("can I pay by card", "asks"),
        ("thanks a lot", "thanks"),
        ("bye", "leaves"),
        ("I want to stop", "leaves"),
        ("continue", "goes_on"),
        ("let's go", "goes_on"),
        ("asdfgh", "noise"),
        ("xkcdq", "noise"),
        ("aaaaaaa", "noise"),
        ("Actually, make it two", "corrects"),
    ],
)
def test_a_message_is_sorted_by_its_manner(text: str, manner: str) -> None:
    assert getattr(hear(text), manner)


@pytest.mark.parametrize("text", ["Ann Lee", "Schwarz", "Hawaii", "a pizza, please", "Philadelphia", "rhythm"])
def test_ordinary_words_are_neither_noise_nor_a_refusal(text: str) -> None:
    assert hear(text).has_content
