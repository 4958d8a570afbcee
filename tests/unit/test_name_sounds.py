"""Names that sound alike share a key, whoever wrote them down; names that do not, do not."""

import pytest

from dagster_project.linkage.name_sounds import sound_key
from dagster_project.standardize.transliteration import in_latin_letters, in_other_alphabet

ALIKE = [
    ("mohammed", "muhammad", "mohamed", "mhmd"),
    ("yuliya", "iuliia", "julija"),
    ("elena", "yelena", "jelena"),
    ("dmitrij", "dmitry", "dmitrii"),
    ("fyodor", "fedor", "fjodor"),
    ("lakshmi", "laxmi"),
    ("hussein", "hussain", "hossein"),
    ("fatima", "fatimah"),
    ("alhashimi", "elhashimi"),
    ("hyeonjeong", "hyunjung"),
    ("katja", "katya", "katia"),
    ("schmidt", "shmidt"),
]
APART = [("alexander", "alexandra"), ("maria", "mario"), ("ali", "ola"), ("ahmed", "hamid"), ("jan", "ann")]


@pytest.mark.parametrize("names", ALIKE, ids=lambda names: names[0])
def test_spellings_of_one_sound_share_a_key(names):
    assert len({sound_key(name) for name in names}) == 1


@pytest.mark.parametrize(("left", "right"), APART)
def test_other_names_have_other_keys(left, right):
    assert sound_key(left) != sound_key(right)


def test_what_has_no_letters_is_its_own_key():
    assert [sound_key(name) for name in ("h", "7", "王")] == ["h", "7", "王"]


def test_a_name_in_another_alphabet_meets_its_latin_spelling():
    for other, latin in [("Юлия", "julia"), ("محمد", "mohammed"), ("الهاشمي", "alhashimi"), ("현정", "hyunjung")]:
        assert in_other_alphabet(other)
        assert sound_key(in_latin_letters(other)) == sound_key(latin)


def test_latin_and_chinese_are_no_other_alphabet():
    assert not any(in_other_alphabet(name) for name in ("José", "王小明", "Łukasz", "Nguyễn"))
