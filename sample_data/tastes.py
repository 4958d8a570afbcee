"""What persons earn and like: the truth that forms ask for and vendors guess at.

Drawn by the person alone, so that every system that asks gets the same answer, and no other draw changes. What a
system makes of it belongs to the system.
"""

from dataclasses import dataclass

from sample_data.chance import Chance, Weighted
from sample_data.people import Person

INCOME_BANDS = {
    "low": ("低收入", "Low"),
    "lower_middle": ("中低收入", "Lower middle"),
    "middle": ("中等收入", "Middle"),
    "upper_middle": ("中高收入", "Upper middle"),
    "high": ("高收入", "High"),
}
"""Code -> what it is called in Chinese and in English."""
INTERESTS = {
    "home_decor": ("家居装饰", "Home decor"),
    "gardening": ("园艺", "Gardening"),
    "cooking": ("美食烹饪", "Cooking"),
    "travel": ("旅行", "Travel"),
    "reading": ("阅读", "Reading"),
    "sports": ("运动健身", "Sports"),
    "parenting": ("亲子", "Parenting"),
    "pets": ("宠物", "Pets"),
    "crafts": ("手工", "Crafts"),
    "fashion": ("时尚", "Fashion"),
    "music": ("音乐", "Music"),
    "electronics": ("数码", "Electronics"),
}
"""Code -> what it is called in Chinese and in English."""

_INCOME = Weighted(list(INCOME_BANDS), (15, 25, 32, 20, 8))
_POPULARITY = (18, 10, 12, 10, 8, 8, 7, 7, 6, 6, 5, 3)


@dataclass(frozen=True)
class Tastes:
    """Codes of ``INCOME_BANDS`` and ``INTERESTS``; one to four different interests."""

    income_band: str
    interests: tuple[str, ...]


def tastes_of(person: Person) -> Tastes:
    """Always the same for one person."""
    chance = Chance("tastes", person.entity_id)
    income_band = chance.weighted(_INCOME)
    interests: list[str] = []
    for _ in range(chance.between(1, 4)):
        left = [(code, weight) for code, weight in zip(INTERESTS, _POPULARITY, strict=True) if code not in interests]
        interests.append(chance.weighted(Weighted([code for code, _ in left], [weight for _, weight in left])))
    return Tastes(income_band, tuple(interests))


def label(labels: dict[str, tuple[str, str]], code: str, person: Person) -> str:
    """What a code is called in the language of the person's population."""
    return labels[code][person.population == "western"]
