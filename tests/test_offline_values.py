"""What the offline model reads in plain English: tables of texts and values."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from fsm_langgraph.offline.dates import find_dates, find_times
from fsm_langgraph.offline.durations import in_unit
from fsm_langgraph.offline.entities import find_choice, find_choices, find_entities, split_list
from fsm_langgraph.offline.hearing import hear
from fsm_langgraph.offline.kinds import kind_of
from fsm_langgraph.offline.names import find_name, short_answer
from fsm_langgraph.offline.numbers import find_numbers
from fsm_langgraph.offline.prompt_content import DescribedKey


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1990-05-31", ["1990-05-31"]),
        ("3 May 1990", ["1990-05-03"]),
        ("May 3rd, 1990", ["1990-05-03"]),
        ("may 3 1990", ["1990-05-03"]),
        ("the 3rd of May 1990", ["1990-05-03"]),
        ("born 3. May 1990.", ["1990-05-03"]),
        ("05/31/1990", ["1990-05-31"]),
        ("31/05/1990", ["1990-05-31"]),
        ("05/06/1990", ["1990-05-06"]),
        ("05.06.1990", ["1990-06-05"]),
        ("31.5.1990", ["1990-05-31"]),
        ("5-31-1990", ["1990-05-31"]),
        ("1990/5/31", ["1990-05-31"]),
        ("05/31/90", ["1990-05-31"]),
        ("12 Sept 2001", ["2001-09-12"]),
        ("February 29, 2000", ["2000-02-29"]),
        ("February 29, 2001", []),
        ("May 40th 1990", []),
        ("31 February 1990", []),
        ("13/13/1990", []),
        ("from 3 May 2026 to 5 May 2026", ["2026-05-03", "2026-05-05"]),
        ("I may come", []),
        ("3 May", []),
        ("tomorrow", []),
        ("in 1990", []),
        ("", []),
    ],
)
def test_a_birthday_is_found_however_it_is_written(text: str, found: list[str]) -> None:
    assert [item.value for item in find_dates(text, past=True)] == found


@pytest.mark.parametrize(
    ("text", "days"), [("today", 0), ("tomorrow please", 1), ("the day after tomorrow", 2), ("yesterday", -1)]
)
def test_days_close_by_follow_the_calendar(text: str, days: int) -> None:
    assert [item.value for item in find_dates(text)] == [(date.today() + timedelta(days=days)).isoformat()]


def test_a_date_without_a_year_is_the_next_one_to_come() -> None:
    (found,) = find_dates("on 3 May")

    assert date.fromisoformat(found.value) >= date.today()
    assert found.value.endswith("-05-03")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("7pm", ["19:00"]),
        ("7:30 pm", ["19:30"]),
        ("at 7 p.m.", ["19:00"]),
        ("19:30", ["19:30"]),
        ("12 am", ["00:00"]),
        ("noon", ["12:00"]),
        ("half past seven", ["07:30"]),
        ("quarter to eight", ["07:45"]),
        ("seven o'clock", ["07:00"]),
        ("19.30", ["19:30"]),
        ("25:00", []),
        ("for 4 people", []),
        ("19.35 euros", []),
        ("$12.50", []),
        ("8.20 kg", []),
    ],
)
def test_a_time_of_day_is_found(text: str, found: list[str]) -> None:
    assert [item.value for item in find_times(text)] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("42", [42]),
        ("1,200.50", [1200.5]),
        ("$5k", [5000]),
        ("20%", [20]),
        ("-3", [-3]),
        ("twenty five", [25]),
        ("twenty-five", [25]),
        ("two hundred and fifty", [250]),
        ("three thousand", [3000]),
        ("a dozen", [12]),
        ("half a dozen", [6]),
        ("two dozen", [24]),
        ("a couple", [2]),
        ("2 adults and 3 children", [2, 3]),
        ("five or six", [5, 6]),
        ("the red one", []),
        ("no one", []),
        ("one", [1]),
        ("abc123", []),
        ("1990", [1990]),
        ("2x", [2]),
        ("", []),
    ],
)
def test_numbers_are_found_in_digits_and_in_words(text: str, found: list[float]) -> None:
    assert [number.value for number in find_numbers(text)] == found


@pytest.mark.parametrize(
    ("text", "unit", "written"),
    [
        ("two hours", "minute", "120 minutes"),
        ("half an hour", "minute", "30 minutes"),
        ("an hour and a half", "minute", "90 minutes"),
        ("90 minutes", "hour", "1.5 hours"),
        ("a week", "day", "7 days"),
        ("twenty", "minute", "twenty"),
    ],
)
def test_lengths_of_time_are_written_in_the_unit_asked_for(text: str, unit: str, written: str) -> None:
    assert in_unit(text, unit) == written


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ann Lee", "Ann Lee"),
        ("ann lee", "Ann Lee"),
        ("ANN LEE", "Ann Lee"),
        ("I'm Ann Lee", "Ann Lee"),
        ("I\u2019m Ann Lee, nice to meet you", "Ann Lee"),
        ("im ann lee", "Ann Lee"),
        ("Hi, I'm Ann Lee, ann@example.com, born 3 May 1990", "Ann Lee"),
        ("my name is Ann Lee", "Ann Lee"),
        ("My name's Ann", "Ann"),
        ("my full name is ann maria lee.", "Ann Maria Lee"),
        ("Ann Lee here", "Ann Lee"),
        ("Ann Lee speaking", "Ann Lee"),
        ("call me Bob", "Bob"),
        ("Ann Lee is my name", "Ann Lee"),
        ("this is Ann Lee", "Ann Lee"),
        ("It's Ann Lee", "Ann Lee"),
        ("sure, Ann Lee", "Ann Lee"),
        ("Yes, I'm Ann Lee", "Ann Lee"),
        ("Ludwig van Beethoven", "Ludwig van Beethoven"),
        ("Mary-Jane O'Neil", "Mary-Jane O'Neil"),
        ("Dr. Ann Lee", "Dr. Ann Lee"),
        ("José Álvarez", "José Álvarez"),
        ("Иван Петров", "Иван Петров"),
        ("Ann Lee and my email is ann@example.com", "Ann Lee"),
        ("yes", None),
        ("no", None),
        ("ok", None),
        ("hello", None),
        ("thanks", None),
        ("what is this?", None),
        ("who are you", None),
        ("I don't want to say", None),
        ("I'd rather not", None),
        ("I'm not sure", None),
        ("I'm hungry", None),
        ("I'm from Paris", None),
        ("I am looking for a book", None),
        ("asdfgh", None),
        ("qwerty", None),
        ("12345", None),
        ("that's none of your business", None),
        ("why do you ask", None),
        ("ann@example.com", None),
        ("", None),
    ],
)
def test_a_name_that_was_asked_for_is_found_and_nothing_else_is_a_name(text: str, name: str | None) -> None:
    said = hear(text)
    refused = said.declines or said.asks or said.answer is not None or said.goes_on or said.thanks

    assert (None if refused and name is None else find_name(said.text, asked=True)) == name


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


SIZES = ["small", "medium", "extra large", "large"]


@pytest.mark.parametrize(
    ("text", "choices", "choice"),
    [
        ("large", SIZES, "large"),
        ("Extra large, please", SIZES, "extra large"),
        ("a big one", ["small", "large"], "large"),
        ("the smallest", ["small", "large"], "small"),
        ("lage", ["small", "large"], "large"),
        ("meduim", SIZES, "medium"),
        ("not the red one, the blue one", ["red", "blue"], "blue"),
        ("no, the blue one", ["red", "blue"], "blue"),
        ("blue instead of red", ["red", "blue"], "blue"),
        ("not red", ["red", "blue"], None),
        ("red or blue", ["red", "blue"], None),
        ("the second one", ["red", "blue", "green"], "blue"),
        ("the last one", ["red", "blue", "green"], "green"),
        ("option 1", ["red", "blue"], "red"),
        ("I have a billing question", ["billing", "technical"], "billing"),
        ("it is about my invoice", ["billing", "technical"], "billing"),
        ("credit card", ["credit_card", "cash"], "credit_card"),
        ("I'd pay by card", ["credit card", "cash"], "credit card"),
        ("two", [1, 2, 3], 2),
        ("yes please", ["yes", "no", "maybe"], "yes"),
        ("nope", ["yes", "no", "maybe"], "no"),
        ("something else entirely", ["red", "blue"], None),
        ("", ["red", "blue"], None),
    ],
)
def test_a_choice_is_found_by_its_words(text: str, choices: list[Any], choice: Any) -> None:
    assert find_choice(text, choices) == choice


def test_several_choices_are_found() -> None:
    assert find_choices("ham, and some olives but not onions", ["ham", "onions", "olives"]) == [
        "ham",
        "olives",
    ]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("a, b and c", ["a", "b", "c"]),
        ("I'd like ham and cheese, please", ["ham", "cheese"]),
        ("mushrooms", ["mushrooms"]),
        ("", []),
    ],
)
def test_a_list_is_taken_apart(text: str, items: list[str]) -> None:
    assert split_list(text) == items


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("I'd like Bali, please", "Bali"),
        ("I want to go to New York", "New York"),
        ("it's a pizza", "pizza"),
        ("maybe the museum", "museum"),
        ("I want to run a marathon", "run a marathon"),
        ("The handle of the vase is broken off", "The handle of the vase is broken off"),
        ("12 High Street", "12 High Street"),
    ],
)
def test_an_answer_loses_the_words_around_it(text: str, answer: str) -> None:
    assert short_answer(text) == answer


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("19.35 euros", [19.35]), ("19.35", [19.35]), ("at 19.35 for two", [2]), ("19:35", []), ("it was €8.20", [8.2])],
)
def test_what_may_be_a_number_and_a_time_is_both(text: str, numbers: list[float]) -> None:
    assert [number.value for number in find_entities(text).numbers] == numbers


@pytest.mark.parametrize(
    ("text", "kind", "values"),
    [
        ("mail me at Ann.Lee+x@mail.example.co.uk.", "email", ["Ann.Lee+x@mail.example.co.uk"]),
        ("ann at example dot com", "email", ["ann@example.com"]),
        ("ann at example", "email", []),
        ("ann@example", "email", []),
        ("call +49 30 1234567 please", "phone", ["+49 30 1234567"]),
        ("(555) 010-0199", "phone", ["(555) 010-0199"]),
        ("1990-05-31", "phone", []),
        ("see https://example.com/a?b=1.", "url", ["https://example.com/a?b=1"]),
    ],
)
def test_values_of_a_known_form_are_found(text: str, kind: str, values: list[str]) -> None:
    assert find_entities(text).of_kind(kind) == values


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (DescribedKey("email"), "email"),
        (DescribedKey("user_email"), "email"),
        (DescribedKey("name"), "name"),
        (DescribedKey("fullName"), "name"),
        (DescribedKey("product_name"), "phrase"),
        (DescribedKey("birthdate"), "date"),
        (DescribedKey("date_of_birth"), "date"),
        (DescribedKey("departure_date"), "date"),
        (DescribedKey("age"), "age"),
        (DescribedKey("phone_number"), "phone"),
        (DescribedKey("order_number"), "code"),
        (DescribedKey("number_of_guests"), "number"),
        (DescribedKey("quantity"), "number"),
        (DescribedKey("confirmed"), "boolean"),
        (DescribedKey("wants_newsletter"), "boolean"),
        (DescribedKey("city"), "place"),
        (DescribedKey("issue"), "text"),
        (DescribedKey("toppings"), "list"),
        (DescribedKey("color"), "phrase"),
        (DescribedKey("x", type="integer"), "number"),
        (DescribedKey("x", type="boolean"), "boolean"),
        (DescribedKey("x", type="string", format="email"), "email"),
        (DescribedKey("x", type="string", enum=("a", "b")), "choice"),
        (DescribedKey("x", type="string", description="The user's e-mail address"), "email"),
        (DescribedKey("x", type="object"), "opaque"),
    ],
)
def test_the_kind_of_a_key_follows_from_its_declaration_or_its_name(key: DescribedKey, kind: str) -> None:
    assert kind_of(key) == kind
