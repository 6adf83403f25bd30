from pathlib import Path

import pytest

from devkit.engine.certificates import ca_bundle

pytestmark = pytest.mark.unit


def test_the_bundle_that_the_environment_names_comes_first(tmp_path: Path) -> None:
    bundle = tmp_path / "company.pem"
    bundle.write_text("-----BEGIN CERTIFICATE-----")
    assert ca_bundle({"SSL_CERT_FILE": str(bundle)}) == bundle
    assert ca_bundle({"SSL_CERT_FILE": str(tmp_path / "missing.pem")}) != tmp_path / "missing.pem"
