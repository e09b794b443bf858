"""The codes of lookups and secrets: who reads what they should not."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code
from fsm_langgraph.checking.codes.texts.example_hotel import HOTEL, said

_STORED = (
    "context: {nights: {type: integer}, guest: {type: string, written_by: caller}, booking: {type: string}, "
    "topic: {enum: [rooms, breakfast]}, card: {type: string, secret: true, written_by: handler}}\n"
)


def _looked_up(place: str, text: str = "{{store.info.text}}") -> str:
    asked = HOTEL.replace("[nights]\n", "[nights, booking, topic]\n", 1)
    return f"{asked}    instructions: '{text}'\n{_STORED}store: {{info: {{{place}}}}}\n"


LOOKUP_CODES: tuple[Code, ...] = (
    Code(
        "FSM420",
        "lookup-by-model-key",
        "warning",
        "A lookup whose place the model decides",
        'A user who says "my number is 42" has the model note that, and reads what the store has under 42. Whoever '
        "talks chooses whose data is read. A place is safe that has a key in it which the caller or a handler writes, "
        "such as who the user is.",
        _looked_up("namespace: [bookings], key: '{{booking}}'"),
        _looked_up("namespace: [bookings, '{{guest}}'], key: '{{booking}}'"),
    ),
    Code(
        "FSM421",
        "lookup-by-choice",
        "note",
        "A lookup by a choice that the model notes",
        "The values of the key are a few, or days, so that a user can choose among these items alone. That is sound "
        "where everybody may read them all, such as the answers to common questions.",
        _looked_up("namespace: [answers], key: '{{topic}}'"),
        _looked_up("namespace: [answers, '{{guest}}'], key: '{{topic}}'"),
    ),
    Code(
        "FSM422",
        "unread-lookup",
        "note",
        "A lookup that no text reads",
        "A lookup is made where a text reads it, by a tag such as `{{store.info}}`. No text reads this one.",
        _looked_up("namespace: [answers], key: '{{guest}}'", "Be brief."),
        _looked_up("namespace: [answers], key: '{{guest}}'"),
    ),
)
_CARD = "context: {nights: {type: integer}, card: {type: string, written_by: caller, secret: true}}\n"
_PAYMENT = """\
subflows:
  pay:
    name: Payment
    description: Takes a payment
    initial_state: charge
    states:
      charge:
        id: charge
        description: The payment
        purpose: Take the payment
        transitions:
        - target_state: paid
          description: There is a card
          conditions: [{description: There is a card, answered_context_keys: [card]}]
        - {target_state: unpaid, description: The user does not want to pay}
      paid: {id: paid, description: Paid, purpose: Be done}
      unpaid: {id: unpaid, description: Not paid, purpose: Be done}
"""


def _paid(outside: str) -> str:
    ask = HOTEL.replace("    transitions:", "    subflow: pay\n    inputs: [card]\n    transitions:", 1)
    ask = ask.replace("    required_context_keys: [nights]\n", "").replace("[nights]", "[card]")
    declared = f"context: {{card: {outside}}}\n"
    return f"{ask}{declared}{_PAYMENT}    context: {{card: {{type: string, secret: true, written_by: caller}}}}\n"


SECRET_CODES: tuple[Code, ...] = (
    Code(
        "FSM430",
        "typed-secret",
        "warning",
        "A secret that the model is to write",
        "A secret is hidden in prompts, streams, records and traces. What the user types stays in the messages all the "
        "same, where the model reads it. Let a handler or the caller bring it, from a form of your own.",
        HOTEL + "context: {nights: {type: integer, secret: true}}\n",
        HOTEL + "context: {nights: {type: integer}}\n",
    ),
    Code(
        "FSM431",
        "unshown-secret",
        "warning",
        "A tag of a secret",
        "No text shows a secret: nothing stands where its tag is, and a section over it is always left out. A handler "
        "can write what may be shown, such as the last digits of a card, into a key of its own.",
        said("Paid with {{card}}.") + _CARD,
        said("Paid.") + _CARD,
    ),
    Code(
        "FSM432",
        "half-secret",
        "warning",
        "A secret that comes from a key that is none",
        "A sub-machine keeps a key secret whose value comes in from one of the machine around that is not, or the "
        "machine around keeps secret what its sub-machine does not. The value stands in prompts, records and traces "
        "where it comes from. The other way round the definition is refused.",
        _paid("{type: string, written_by: caller}"),
        _paid("{type: string, written_by: caller, secret: true}"),
    ),
    Code(
        "FSM433",
        "secret-in-file",
        "note",
        "A guard that has the text of a secret",
        "A guard compares the secret with a text, which everybody reads who has the file, and who has its history. A "
        "handler can compare it with what your code keeps, and write whether it was right.",
        HOTEL.replace("answered_context_keys: [nights]}", "logic: {'==': [{var: card}, '4111']}}") + _CARD,
        HOTEL + _CARD,
    ),
    Code(
        "FSM434",
        "secret-in-store-key",
        "note",
        "A secret that makes a place in the store",
        "The store keeps namespaces and keys in clear. Have a handler write a hash, or another name of the user, into "
        "a key of its own.",
        _looked_up("namespace: [cards], key: '{{card}}'"),
        _looked_up("namespace: [cards], key: '{{guest}}'"),
    ),
)
