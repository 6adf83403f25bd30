"""Keys of the tests."""

from __future__ import annotations

from devkit.tui.keys import key

TESTS = [
    key("r", "run('all')", "Run", "tests.all", "Run all tests, or those of the filter", footer=True),
    key("f", "run('failed')", "Failed", "tests.failed", "Run those again that failed", footer=True),
    key("t", "run('this')", "This", "tests.this", "Run what the cursor is on", footer=True),
    key("slash", "ask", "Filter", "tests.filter", "Run only tests with this in their name", footer=True, shown="/"),
    key("w", "watch", "Watch", "tests.watch", "Run on every save, those that failed first", footer=True),
    key("s", "stop", "Stop", "tests.stop", "End what runs in the container", footer=True),
    key("p", "parallel", "Parallel", "tests.parallel", "In several processes at once, or in one"),
    key("n", "broken(1)", "Next", "tests.next", "The next failed test"),
    key("N", "broken(-1)", "Former", "tests.former", "The failed test before"),
    key("v", "fold", "Fold", "tests.fold", "Fold frames of packages"),
    key("e", "edit", "Edit", "tests.edit", "Open the file and line where it went wrong in the editor"),
    key("y,c", "copy", "Copy", "tests.copy", "Copy what the test said"),
]

TEST_LIST = [
    key("up,k", "move(-1)", "Up", "tests.up", "The row above"),
    key("down,j", "move(1)", "Down", "tests.down", "The row below"),
    key("pageup,ctrl+b", "page(-1.0)", "Page up", "tests.page-up", "A screen up"),
    key("pagedown,ctrl+f,space", "page(1.0)", "Page down", "tests.page-down", "A screen down"),
    key("ctrl+u", "page(-0.5)", "Half up", "tests.half-up", "Half a screen up"),
    key("ctrl+d", "page(0.5)", "Half down", "tests.half-down", "Half a screen down"),
    key("g,home", "edge(0)", "First", "tests.top", "The first row"),
    key("G,end", "edge(1)", "Last", "tests.end", "The last row"),
    key("left,h", "shut", "Close", "tests.close", "Close the suite, or go to the one around"),
    key("right,l", "unshut", "Open", "tests.open", "Open the suite"),
    key("enter", "open", "Detail", "tests.detail", "All that the test said; open or close a suite", footer=True),
]

TEST_DETAIL = [
    key("k", "scroll_up", "Up", "tests.detail-up", "A line up"),
    key("j", "scroll_down", "Down", "tests.detail-down", "A line down"),
    key("ctrl+b,ctrl+u", "page_up", "Page up", "tests.detail-page-up", "A screen up"),
    key("space,ctrl+f,ctrl+d", "page_down", "Page down", "tests.detail-page-down", "A screen down"),
    key("g", "scroll_home", "Begin", "tests.detail-top", "The begin"),
    key("G", "scroll_end", "End", "tests.detail-end", "The end"),
    key("enter", "close", "Back", "tests.detail-close", "Back to the list"),
]
