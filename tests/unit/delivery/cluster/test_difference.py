from __future__ import annotations

import pytest

from devkit.delivery.cluster.difference import ObjectDifference, _of_object, parse_diff, summary

pytestmark = pytest.mark.unit

CHANGED = """\
diff -u -N /tmp/LIVE-2158/apps.v1.Deployment.shop.laravel /tmp/MERGED-2933/apps.v1.Deployment.shop.laravel
--- /tmp/LIVE-2158/apps.v1.Deployment.shop.laravel\t2026-11-30 14:00:00.000000000 +0000
+++ /tmp/MERGED-2933/apps.v1.Deployment.shop.laravel\t2026-11-30 14:00:00.000000000 +0000
@@ -5,7 +5,7 @@
-  generation: 1
+  generation: 2
   name: laravel
@@ -30,7 +30,7 @@
-        image: shop@sha256:aa
+        image: shop@sha256:bb
diff -u -N /tmp/LIVE-2158/v1.ConfigMap.shop.settings /tmp/MERGED-2933/v1.ConfigMap.shop.settings
--- /tmp/LIVE-2158/v1.ConfigMap.shop.settings\t2026-11-30 14:00:00.000000000 +0000
+++ /tmp/MERGED-2933/v1.ConfigMap.shop.settings\t2026-11-30 14:00:00.000000000 +0000
@@ -0,0 +1,5 @@
+apiVersion: v1
+data:
+  A: b
+kind: ConfigMap
+metadata:
diff -u -N /tmp/LIVE-2158/v1.Secret.shop.keys /tmp/MERGED-2933/v1.Secret.shop.keys
--- /tmp/LIVE-2158/v1.Secret.shop.keys\t2026-11-30 14:00:00.000000000 +0000
+++ /tmp/MERGED-2933/v1.Secret.shop.keys\t2026-11-30 14:00:00.000000000 +0000
@@ -1,5 +1,5 @@
-  A: '*** (before)'
+  A: '*** (after)'
"""


def made(api: str, kind: str, name: str) -> dict[str, object]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": "shop"}}


def of(kind: str, api: str, name: str) -> ObjectDifference:
    found = parse_diff(CHANGED)
    return _of_object(made(api, kind, name), found.get(f"{api.replace('/', '.')}.{kind}.shop.{name}"))


def test_the_changed_lines_of_an_object_are_shown_without_what_the_server_counts() -> None:
    assert of("Deployment", "apps/v1", "laravel") == ObjectDifference(
        "Deployment laravel", "changed", ("-        image: shop@sha256:aa", "+        image: shop@sha256:bb")
    )


def test_a_new_object_is_added_and_one_without_lines_unchanged() -> None:
    assert of("ConfigMap", "v1", "settings").change == "added"
    assert of("Service", "v1", "web").change == "unchanged"


def test_no_line_of_a_secret_is_shown() -> None:
    assert of("Secret", "v1", "keys") == ObjectDifference("Secret keys", "changed")


def test_the_sum_names_what_there_is() -> None:
    found = [ObjectDifference("a", "added"), ObjectDifference("b", "unchanged"), ObjectDifference("c", "anew")]
    assert summary(found) == "1 added, 1 unchanged"
