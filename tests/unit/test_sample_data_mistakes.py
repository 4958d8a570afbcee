"""Single slips and identifiers of the demo generator."""

from datetime import date

import pytest
from stdnum.cn import ric, uscc

from sample_data.chance import Chance, Weighted
from sample_data.identifiers import organisation_code, resident_id, social_credit_code
from sample_data.mistakes import confuse_character, digit_typo, full_width, typo
from sample_data.people import ascii_letters
from sample_data.reference import load


def edits(left: str, right: str) -> int:
    """Restricted edit distance with transpositions (optimal string alignment)."""
    rows = [[i + j if i * j == 0 else 0 for j in range(len(right) + 1)] for i in range(len(left) + 1)]
    for i in range(1, len(left) + 1):
        for j in range(1, len(right) + 1):
            cost = left[i - 1] != right[j - 1]
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost)
            if i > 1 and j > 1 and left[i - 1] == right[j - 2] and left[i - 2] == right[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


def test_typo_is_one_slip() -> None:
    chance = Chance("typo")
    kinds = set()
    for _ in range(500):
        wrong = typo("katherine", chance)
        assert edits("katherine", wrong) == 1
        kinds.add(len(wrong) - len("katherine"))
    assert kinds == {-1, 0, 1}


@pytest.mark.parametrize("text", ["", "x"])
def test_typo_leaves_short_texts(text: str) -> None:
    assert typo(text, Chance("short")) == text


def test_digit_typo_keeps_the_length_and_changes_one_or_two_digits() -> None:
    chance = Chance("digits")
    for _ in range(300):
        wrong = digit_typo("13812345678", chance)
        assert len(wrong) == 11
        assert 1 <= sum(a != b for a, b in zip(wrong, "13812345678", strict=True)) <= 2


def test_confused_characters_sound_or_look_alike() -> None:
    confusions = load().confusions
    assert confuse_character("张伟", {"伟": ["玮"]}, Chance("c")) == "张玮"
    assert confuse_character("张伟", {}, Chance("c")) == "张伟"
    assert "莉" in confusions["丽"], "homophones"
    assert "玮" in confusions["伟"], "look-alikes"


def test_full_width() -> None:
    assert full_width("138 a") == "１３８　ａ"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Müller", "muller"), ("D'Angelo", "dangelo"), ("Søren", "soren"), ("Weiß", "weiss"), ("de Vries", "devries")],
)
def test_ascii_letters(name: str, letters: str) -> None:
    assert ascii_letters(name) == letters


def test_resident_id() -> None:
    # The standard's own example.
    assert resident_id("110105", date(1949, 12, 31), 2) == "11010519491231002X"
    assert ric.is_valid(resident_id("110105", date(1980, 2, 29), 17))


def test_social_credit_code() -> None:
    codes = {social_credit_code("440300", organisation_code(number)) for number in range(10_000_000, 10_000_200)}
    assert len(codes) == 200
    assert [code for code in codes if not uscc.is_valid(code)] == []


def test_weighted_draws_follow_their_weights() -> None:
    chance, table = Chance("weights"), Weighted(("a", "b", "c"), (7, 2, 1))
    drawn = [chance.weighted(table) for _ in range(5_000)]
    assert drawn.count("a") / 5_000 == pytest.approx(0.7, abs=0.03)
    assert drawn.count("c") / 5_000 == pytest.approx(0.1, abs=0.02)


def test_chance_depends_on_its_key_only() -> None:
    assert [Chance(7, "x").uniform() for _ in range(2)] == [Chance(7, "x").uniform()] * 2
    assert Chance(7, "x").uniform() != Chance(7, "y").uniform()
    # Pinned: another Python version or platform must give the same people.
    assert Chance(7, "pinned").digits(9) == "173605063"
