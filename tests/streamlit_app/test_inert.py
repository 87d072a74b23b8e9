"""Text from outside stays text: in HTML, in a spreadsheet, in Markdown, and in its own direction."""

import csv
import io
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlit_app.inert import bare, csv_text, element, markdown_text, together

HOSTILE = '<img src=x onerror="alert(1)">\u202e=HYPERLINK("http://x")&lt;<script>alert(2)</script>'


class Tags(HTMLParser):
    """The tags and the text of HTML, as a browser takes it apart."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_child_is_text_and_an_element_is_not() -> None:
    made = element("p", HOSTILE, element("b", "bold"), class_="sem-title")
    found = Tags(made)
    assert found.tags == ["p", "b"]
    assert found.text == bare(HOSTILE) + "bold"
    assert 'class="sem-title"' in made


def test_the_parser_does_find_tags() -> None:
    """The negative control."""
    assert Tags(HOSTILE).tags == ["img", "script"]


def test_an_attribute_ends_where_it_should() -> None:
    made = element("a", "x", href='"><script>alert(1)</script>', onclick=None)
    assert Tags(made).tags == ["a"]
    assert "onclick" not in made


@given(st.text())
def test_whatever_stands_in_a_field_is_text(text: str) -> None:
    found = Tags(together([element("td", text, title=text)]))
    assert found.tags == ["td"]


@pytest.mark.parametrize("mark", ["\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069", "\u061c"])
def test_no_mark_turns_what_stands_around(mark: str) -> None:
    assert bare(f"JFK{mark}-LAX") == "JFK-LAX"
    assert mark not in element("td", f"JFK{mark}-LAX")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u202e=1", "-3.8 % of"])
def test_a_spreadsheet_finds_no_formula(text: str) -> None:
    (_, (cell, number)) = csv.reader(io.StringIO(csv_text(["a", "b"], [(text, -3.5)])))
    assert cell.startswith("'")
    assert number == "-3.5", "a number is a number"


def test_what_is_no_formula_stays_as_it_is() -> None:
    (head, line) = csv.reader(io.StringIO(csv_text(["=a"], [("JFK-LAX, 44 %\nand more",)])))
    assert head == ["'=a"]
    assert line == ["JFK-LAX, 44 % and more"]


@pytest.mark.parametrize("text", ["[x](javascript:alert(1))", "**b**", ":red[x]", "$x$", "# h", "<b>", "a_b_c"])
def test_markdown_is_written_as_it_stands(text: str) -> None:
    escaped = markdown_text(text)
    assert escaped.replace("\\", "") == text
    assert all(escaped[at - 1] == "\\" for at, character in enumerate(escaped) if character in "[]()*_#<>$:")
