"""The buttons under the stage have the names by which they are known."""

from fibattn.words import take_away


def test_every_button_has_its_name_and_says_what_it_gives():
    names = {
        take_away.PAGE: "Keep this page",
        take_away.SCRIPT: "Script",
        take_away.NOTEBOOK: "Notebook",
        take_away.MODEL: "Model",
        take_away.NUMBERS: "Numbers",
        take_away.LINK: "Copy link",
        take_away.TITLE: "Take it away",
    }
    assert all(constant == name for constant, name in names.items())
    gives = {
        "Keep this page": "HTML file",
        "Script": "one Python file",
        "Notebook": "in cells",
        "Model": ".keras files",
        "Numbers": "as CSV and JSON",
    }
    assert take_away.HELP.keys() == gives.keys()
    assert all(word in take_away.HELP[name] for name, word in gives.items())
    assert "your file" in take_away.OWN_FILE and "All five" in take_away.OWN_FILE


def test_a_click_on_copy_link_says_what_was_copied():
    assert take_away.COPIED == "Copied"
    assert take_away.COPIED_WITHOUT_FILE == "Copied, without your file"
    assert take_away.NOT_COPIED == "Copy the address above, please"
    assert "both networks are trained" in take_away.NOT_YET
