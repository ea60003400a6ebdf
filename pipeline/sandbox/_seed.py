"""Fictitious contacts in any number."""

from collections.abc import Iterator
from itertools import product

from pipeline.sandbox._records import NO_CUSTOM, StoredContact
from pipeline.sandbox._world import World

FIRST_NAMES = ("Ada", "Ben", "Chloe", "Dara", "Emil", "Fatou", "Goro", "Hana", "Ivo", "Jana", "Kofi")
LAST_NAMES = ("Example", "Sample", "Muster", "Ejemplo", "Exemple", "Esempio", "Voorbeeld")
AREAS = ("212", "415", "312", "617", "206", "303", "404", "713")
MICROSECONDS = 1_000_000


def seed_contacts(world: World, count: int, *, per_stamp: int, opted_out_every: int) -> None:
    """Add `count` made-up contacts, written in the past a second apart, `per_stamp` of them with one stamp.

    `per_stamp` 0 gives all of them one stamp; every `opted_out_every`th is opted out (0: none).
    """
    width = per_stamp or max(count, 1)
    steps = -(-count // width)
    first = int(world.clock()) * MICROSECONDS - steps * MICROSECONDS
    phones = _free_phones(world)
    number = world.store.next_id()
    for index in range(count):
        stamp = first + index // width * MICROSECONDS
        opted_out = bool(opted_out_every) and index % opted_out_every == opted_out_every - 1
        contact = StoredContact(
            id=number + index,
            uuid=world.new_uuid(number + index),
            phone=next(phones),
            created=stamp,
            updated=stamp,
            first=FIRST_NAMES[index % len(FIRST_NAMES)],
            last=LAST_NAMES[index % len(LAST_NAMES)],
            is_opted_out=opted_out,
            unsubscribed_contact=opted_out,
            custom=NO_CUSTOM,
        )
        world.store.insert(contact)


def _free_phones(world: World) -> Iterator[str]:
    """Yield phones in the shape of North American ones that no contact has."""
    numbers = product(AREAS, range(220, 1000), range(10_000))
    phones = (f"1{area}{exchange}{line:04d}" for area, exchange, line in numbers)
    return (phone for phone in phones if not world.store.by_handle("phone", phone))
