"""The field's words have a sentence each, and carry it where they stand in a text."""

from __future__ import annotations

import re

import pytest

from fibattn.lessons.glossary import explained, glossary, meanings

WORDS = (
    *("score", "weight", "context", "query", "key", "value", "window"),
    *("start", "epoch", "baseline", "ceiling", "occlusion"),
    *("loss", "mse", "r²", "entropy", "control"),
)


def marked(text: str) -> list[str]:
    """The words of a text that carry a meaning."""
    return re.findall(r'<span class="term" tabindex="0">(.*?)<span', text)


def without_marks(text: str) -> str:
    text = re.sub(r'<span class="meaning" role="tooltip">.*?</span></span>', "", text)
    return re.sub(r'<span class="term" tabindex="0">', "", text)


def test_every_word_is_explained_in_one_sentence_of_plain_text():
    assert tuple(glossary()) == WORDS
    for each in glossary().values():
        assert each.forms
        assert re.fullmatch(r"[A-Z][^.!?<>*`\[\]]*\.", each.meaning), each.word


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_found_in_every_form_with_or_without_a_capital(word):
    for form in glossary()[word].forms:
        for written in (form, form.capitalize()):
            text = f"Here {written} stands."
            assert marked(explained(text, word)) == [written]
            assert without_marks(explained(text, word)) == text


def test_only_the_first_occurrence_is_marked_and_only_whole_words():
    assert marked(explained("weights, a weight, weights", "weight")) == ["weights"]
    assert marked(explained("keyboard and restarted", "key", "start")) == []


def test_several_words_each_have_their_own_and_none_is_marked_inside_an_explanation():
    text = "A score becomes a weight of a window."
    made = explained(text, "score", "weight", "window")
    assert marked(made) == ["score", "weight", "window"]
    assert without_marks(made) == text


@pytest.mark.parametrize(
    "text",
    [
        "`weight`",
        "[weight](https://example.org)",
        "<abbr>x</abbr> https://example.org/weight",
        ":material/weight:",
    ],
)
def test_code_links_and_icons_are_left_alone(text):
    assert explained(text, "weight") == text
    assert marked(explained(f"{text} and weight", "weight")) == ["weight"]


def test_what_is_not_there_is_not_marked():
    assert explained("Nothing here.", "weight") == "Nothing here."


def test_several_meanings_stand_on_lines_of_their_own():
    said = meanings("start", "epoch")
    assert said.startswith("**Start**: One training")
    assert said.count("  \n") == 1
    assert meanings("mse", "r²").startswith("**MSE**: Mean squared error")


def test_an_unknown_word_is_an_error():
    with pytest.raises(KeyError):
        explained("text", "gradient")
