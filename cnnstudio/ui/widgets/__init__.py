"""Small parts that every page is made of."""

from cnnstudio.ui.widgets.controls import (
    Choices,
    Items,
    button,
    combo,
    fill,
    in_line,
    label,
    make_editable,
    mnemonic_free,
    number,
    plain,
    set_kind,
    set_property,
    slider,
    tab_after,
    tint,
)
from cnnstudio.ui.widgets.drawer import Drawer
from cnnstudio.ui.widgets.drops import DropFilter, clipboard, has_local_paths, local_paths, uri_list
from cnnstudio.ui.widgets.foot import Foot
from cnnstudio.ui.widgets.notice_bar import NoticeBar
from cnnstudio.ui.widgets.one_of import OneOf
from cnnstudio.ui.widgets.outside import open_outside
from cnnstudio.ui.widgets.page import Card, EmptyState, MenuEntry, Page
from cnnstudio.ui.widgets.picture_list import Picture, PictureList
from cnnstudio.ui.widgets.progress_strip import ProgressStrip
from cnnstudio.ui.widgets.question import Question
from cnnstudio.ui.widgets.selection import acted_on
from cnnstudio.ui.widgets.skeleton import Skeleton
from cnnstudio.ui.widgets.tables import Cell, grid, table
from cnnstudio.ui.widgets.tabs import TabRow, Tabs
from cnnstudio.ui.widgets.thumbnails import Thumbnails, image_of, pixels_of
from cnnstudio.ui.widgets.toast import Toast

__all__ = [
    "Card", "Cell", "Choices", "Drawer", "DropFilter", "EmptyState", "Foot", "Items", "MenuEntry", "NoticeBar", "OneOf",
    "Page", "Picture", "PictureList", "ProgressStrip", "Question", "Skeleton", "TabRow", "Tabs",
    "Thumbnails", "Toast", "acted_on", "button", "clipboard", "combo", "fill", "grid", "has_local_paths",
    "image_of", "in_line", "label", "local_paths", "make_editable", "mnemonic_free", "number",
    "open_outside", "pixels_of", "plain", "set_kind", "set_property", "slider", "tab_after", "table", "tint",
    "uri_list",
]  # fmt: skip
