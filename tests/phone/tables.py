"""Tables that are asked."""

from pipeline.phone._automaton import WIDTH, PhoneVerdict, StateTable


def judge(table: StateTable, state: int, digits: str) -> PhoneVerdict:
    """Return what the automaton that begins at `state` says of a string of at most 17 digits."""
    for digit in digits:
        state = table.next[state * WIDTH + int(digit)]
    return table.verdict[state]
