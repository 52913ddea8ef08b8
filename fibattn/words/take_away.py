"""What can be taken away of a run: the names of the buttons, and what each gives."""

from __future__ import annotations

TITLE = "Take it away"
NOT_YET = "There is something to take away once both networks are trained."

PAGE, SCRIPT, NOTEBOOK, MODEL, NUMBERS = "Keep this page", "Script", "Notebook", "Model", "Numbers"
HELP = {
    PAGE: "One HTML file with the stage, live, and all that is said here. It needs no network.",
    SCRIPT: "The same training as one Python file: plain Keras, NumPy and scikit-learn.",
    NOTEBOOK: "The same in cells with a sentence each, and the weights as a heatmap.",
    MODEL: "Both networks as .keras files, with the layer's source and an example of five lines.",
    NUMBERS: "Losses, predictions, weights and settings as CSV and JSON, in a ZIP.",
}
OWN_FILE = (
    "All five hold numbers of your file; script and notebook the chosen columns as they were read."
)

LINK, COPIED = "Copy link", "Copied"
COPIED_WITHOUT_FILE = "Copied, without your file"
NOT_COPIED = "Copy the address above, please"
