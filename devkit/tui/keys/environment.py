"""Keys of the names of .env; capitals order them, or do what is rarer."""

from __future__ import annotations

from devkit.tui.keys import key

ENVIRONMENT = [
    key("v", "reveal", "Reveal", "environment.reveal", "Show its value for 10 s; again hides it", footer=True),
    key("p", "pull", "Pull", "environment.pull", "Take over what Doppler has; shows what, and asks", footer=True),
    key("P", "push", "Push", "environment.push", "Give its value in .env to Doppler; asks"),
    key("slash", "ask", "Filter", "environment.filter", "Only names with it; ! for without", footer=True, shown="/"),
    key("e", "edit", "Edit", "environment.edit", "Open .env in the editor, where it stands", footer=True),
    key("r,f5", "again", "Compare", "environment.compare", "Compare with Doppler again", footer=True, shown="r"),
    key("D", "order('DRIFT')", "By drift", "environment.by-drift", "What differs first"),
    key("N", "order('NAME')", "By name", "environment.by-name", "From A to Z"),
    key("m", "unset", "Unset", "environment.unset", "With names that are read without a default and set nowhere"),
    key("y,c", "copy", "Copy", "environment.copy", "Copy the name"),
    key("C", "copy_value", "Copy value", "environment.copy-value", "Copy the value, while it is revealed"),
]
