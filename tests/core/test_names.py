import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core import alike_key, isolated, one_spelling, printable

ANY = st.text(st.characters(exclude_categories=()), max_size=12)


@pytest.mark.parametrize(
    "other",
    [
        unicodedata.normalize("NFD", "café au lait"), "café  au lait", " café au lait ", "café\u00a0au\u2003lait",
        "ca\u200bfé au lait\ufeff", "café\tau\nlait", "\u202acafé au lait\u202c", "ca\u200dfé au lait",
        b"caf\xe9 au lait".decode(errors="surrogateescape"),
    ],
)  # fmt: skip
def test_what_looks_the_same_is_one_name(other):
    assert one_spelling(other) == "café au lait"


@pytest.mark.parametrize("name", ["می‌خواهم", "👩‍🔬", "가", "x²", "a\\b", "A", "a"])
def test_what_means_something_stays(name):
    assert one_spelling(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Cat", "cat"), ("STRASSE", "Straße"), ("great dane", "Great_Dane"), ("great-dane", "greatDane"), ("ＡＢ", "ab"),
     ("cat_", "Cat"), ("class 1", "class_1")],
)  # fmt: skip
def test_nearly_alike(one, other):
    assert alike_key(one) == alike_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Rh+", "Rh-"), ("Rh-", "Rh"), ("10-20", "1020"), ("cat", "cats"), ("1.0", "10")]
)
def test_not_alike(one, other):
    assert alike_key(one) != alike_key(other)


@given(ANY)
def test_one_spelling_is_text_and_final(name):
    found = one_spelling(name)
    found.encode()
    assert one_spelling(found) == found
    assert bool(found) == bool(name)
    assert alike_key(found) == alike_key(name)
    printable(name).encode()
    assert "\x1b" not in printable(name)


def test_bytes_that_are_no_utf8_are_read_as_windows_wrote_them():
    assert printable(b"caf\xe9 \x81 \x93x\x94".decode(errors="surrogateescape")) == "café \\x81 “x”"
    assert printable("\x1b[31m\ud800") == "\\x1b[31m\\ud800"


# Names in sentences -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["hat", "shoe & boot", "Möwe", "帽子", "обувь", "2023", "a_b-c", ""])
def test_a_name_from_left_to_right_is_put_into_a_sentence_as_it_is(name):
    assert isolated(name) == name


@pytest.mark.parametrize("name", ["أحذية", "נעליים", "حذاء 2", "boot نعل", "٣"])
def test_a_name_from_right_to_left_cannot_change_the_order_of_a_sentence(name):
    assert isolated(name) == f"\u2068{name}\u2069"
