from rules.places import key_places, line_of

TEXT = """\
# a comment = 1
version = 1
title = { en = "a [b] # c", es = "d" }
advice.en = "x"

[table]  # why
key = 2

[[tests]]
name = "one [ two"
rows = [["0m", 1], ["1m", 2],
  # a comment with ] and [
  ["2m", 3],
]
[[tests]]
name = 'a "quoted" ]'
rows = [
  ["3m", 4]]
"""


def test_each_thing_has_its_line() -> None:
    assert key_places(TEXT) == {
        "version": 2,
        "title": 3,
        "advice": 4,
        "advice.en": 4,
        "table": 6,
        "table.key": 7,
        "tests[0]": 9,
        "tests[0].name": 10,
        "tests[0].rows": 11,
        "tests[0].rows[0]": 11,
        "tests[0].rows[1]": 11,
        "tests[0].rows[2]": 13,
        "tests[1]": 15,
        "tests[1].name": 16,
        "tests[1].rows": 17,
        "tests[1].rows[0]": 18,
    }


def test_inline_tables_of_an_array_have_lines_too() -> None:
    text = 'a = 1\nwhere = [\n  { seasons = ["summer"], amber = 3 }, # {\n  { x = "}" },\n]\nb = { c = 1 }\n'
    places = key_places(text)
    assert places == {"a": 1, "where": 2, "where[0]": 3, "where[1]": 4, "b": 6}
    assert line_of(places, "where[0].amber") == 3


def test_what_has_no_line_gets_that_of_what_is_around_it() -> None:
    places = key_places(TEXT)
    assert line_of(places, "tests[1].rows[0][2]") == 18
    assert line_of(places, "tests[1].columns") == 15
    assert line_of(places, "title.es") == 3
    assert line_of(places, "absent") == 1
    assert line_of(places, "") == 1
