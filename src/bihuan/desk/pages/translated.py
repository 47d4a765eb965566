"""Templates in one language each: `{{ _("…") }}` is the text itself, translated when the template is read.

A page has dozens of such texts, and to ask for each anew takes as long as all else that the template does. Texts with
values in them are still asked for when the page is drawn.
"""

from collections.abc import Iterator
from html import escape
from typing import Any

from jinja2 import Environment, Template
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from bihuan.i18n import LANGUAGES, language, translated

A_TEXT = ["variable_begin", "name", "lparen", "string", "rparen", "variable_end"]


class Translated(Extension):
    """Puts texts in the place of what asks for them."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        tokens, place = list(stream), 0
        while place < len(tokens):
            some = tokens[place : place + len(A_TEXT)]
            if [one.type for one in some] == A_TEXT and some[1].value == "_":
                said = translated(vars(self.environment)["speaks"], some[3].value)
                yield Token(some[0].lineno, "data", escape(said))
                place += len(A_TEXT)
            else:
                yield tokens[place]
                place += 1


class Speaking(Environment):
    """Hands out templates in the language in use, each out of an environment of its own."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.each: dict[str, Environment] = {}
        for one in LANGUAGES:
            self.each[one] = self.overlay(extensions=[Translated])
            vars(self.each[one]).update(speaks=one, each={})

    def get_template(self, name: Any, parent: Any = None, globals: Any = None) -> Template:
        own = self.each.get(language())
        return own.get_template(name, parent, globals) if own else super().get_template(name, parent, globals)
