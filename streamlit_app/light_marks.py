"""A light as HTML: shape, letter, and its name for whoever listens to the page. The shapes are cut by the style sheet,
for Streamlit lets no drawing through."""

from schemas.lights import Light
from streamlit_app.inert import Markup, element, together
from streamlit_app.light_symbols import SYMBOLS
from streamlit_app.words import Speech


def light_mark(light: Light, say: Speech, *, named: bool = False) -> Markup:
    """The symbol; `named` shows the name beside it, else it is only said."""
    one = SYMBOLS[light]
    letter = one.letter if say.language == "en" else one.letter_es
    mark = element("span", letter, class_=f"sem-mark sem-mark-{light} sem-{one.shape}", aria_hidden="true")
    return together([mark, element("span", f" {say.light(light)} ", class_=None if named else "sem-unseen")])
