"""The longest address that the playground writes can be sent: it has under 2,000 characters."""

from urllib.parse import urlencode

from fibattn.experiment import KNOBS
from fibattn.knobs import Knob
from fibattn.tasks import TASKS
from fibattn.ui import page_state, pin_address, stage_address
from fibattn.ui.sidebar import offered

HOST = "https://a-rather-long-name-of-a-visitors-own-host.streamlit.app/playground?"
# What other pages ask for stands in their addresses alone.
ELSEWHERE = {"ask", "q", "scene"}


def longest(knob: Knob) -> str:
    """Return the longest text that a choice can have in the address."""
    if knob.options:
        return max(map(str, knob.options), key=len)
    return max(str(knob.low), str(knob.high), key=len)


def test_with_every_setting_a_pin_and_a_stage_full_of_changes():
    values = {name: longest(offered(knob)) for name, knob in KNOBS.items()}
    of_page = {n: knob for n, knob in page_state.PAGE_KNOBS.items() if knob.in_address}
    values |= {n: longest(knob) for n, knob in of_page.items() if n not in ELSEWHERE}
    values |= {"pin": "p" * pin_address.LONGEST, "stage": "s" * stage_address.LONGEST, "talk": "1"}
    values["window"] = str(max(task.longest for task in TASKS.values()))
    assert len(HOST + urlencode(values)) < 2000


def test_sixty_dragged_values_have_room():
    values = [[step, 0.123456789] for step in range(60)]
    view = {"epoch": 99, "start": 99, "step": 59, "values": values, "hidden": [], "held": []}
    text = stage_address.to_text(view | {"opened": True, "occluded": True, "all": True}, 100)
    assert stage_address.from_text(text)["all"]  # the last part
    assert len(stage_address.from_text(text)["values"]) == 60
