"""The kind of a key follows from its declaration or its name."""

from __future__ import annotations

import pytest

from fsm_langgraph.offline.kinds import kind_of
from fsm_langgraph.offline.prompt_content import DescribedKey


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
