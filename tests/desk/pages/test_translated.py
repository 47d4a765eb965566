"""Fixed texts of templates are translated when a template is read: into the language in use, and never as markup."""

from jinja2 import DictLoader

from bihuan.desk.pages.words import environment
from bihuan.i18n import speaking

TEMPLATES = {
    "frame": "<h1>{% block head %}{% endblock %}</h1>",
    "page": """{% extends "frame" %}{% block head %}{{ _("Search") }} {{ _('a < b & "c"') }} {{ _("{n} over").format(n=n) }}\
{% include "part" %}{% endblock %}""",
    "part": "<i title=\"{{ _('Search') }}\">{% set said = _('Search') %}{{ said }}</i>",
}


def drawn(found, language):
    with speaking(language):
        return found.get_template("page").render(n=3)


def test_a_template_is_read_once_a_language():
    found = environment(loader=DictLoader(TEMPLATES), autoescape=True)
    english, chinese = drawn(found, "en"), drawn(found, "zh")
    assert english == ('<h1>Search a &lt; b &amp; &quot;c&quot; 3 over<i title="Search">Search</i></h1>')
    assert "Search" not in chinese
    assert chinese.count("搜索") == 3
    assert "a &lt; b" in chinese
    assert drawn(found, "en") == english, "neither speaks for the other"
