"""A visitor's own file: read as its owner means it, and cut to the chosen columns."""

from fibattn.tasks.file.cells import GAPS
from fibattn.tasks.file.columns import MOST_FEATURES, choose, gaps, likely_target
from fibattn.tasks.file.limits import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, Unreadable
from fibattn.tasks.file.raw import Counted, How, LeftOut, Odd, Order, Raw, Time, Wish
from fibattn.tasks.file.reading import read
from fibattn.tasks.file.table import Table

__all__ = [
    "GAPS",
    "MOST_BYTES",
    "MOST_COLUMNS",
    "MOST_FEATURES",
    "MOST_ROWS",
    "Counted",
    "How",
    "LeftOut",
    "Odd",
    "Order",
    "Raw",
    "Table",
    "Time",
    "Unreadable",
    "Wish",
    "choose",
    "gaps",
    "likely_target",
    "read",
]
