"""What kubectl and API servers say, as kubectl 1.32 to 1.36 print it."""

from __future__ import annotations

import pytest

from devkit.delivery.cluster.refusals import Asked, refusal, warnings_in

pytestmark = pytest.mark.unit

ASKED = Asked("apply", "prod-eu", "https://10.0.0.1:6443", 10)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?",
            "the cluster of the context prod-eu (https://10.0.0.1:6443) does not answer: connection refused",
        ),
        (
            'Get "https://10.0.0.1:6443/api?timeout=10s": dial tcp 10.0.0.1:6443: i/o timeout\n'
            "Unable to connect to the server: dial tcp 10.0.0.1:6443: i/o timeout",
            "the cluster of the context prod-eu (https://10.0.0.1:6443) did not answer within 10 s",
        ),
        (
            "Unable to connect to the server: dial tcp: lookup api.nowhere.example: no such host",
            "does not answer: dial tcp: lookup api.nowhere.example: no such host",
        ),
        (
            "error: You must be logged in to the server (Unauthorized)",
            "does not accept this login: You must be logged in to the server (Unauthorized)",
        ),
        (
            "Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown"
            " authority",
            "shows a certificate that is not trusted",
        ),
        (
            'Error from server (Forbidden): error when creating "STDIN": deployments.apps is forbidden: User'
            ' "system:serviceaccount:shop:reader" cannot create resource "deployments" in API group "apps" in the'
            ' namespace "shop"',
            "system:serviceaccount:shop:reader has no permission to create deployments.apps in shop (context prod-eu)",
        ),
        (
            'error: resource mapping not found for name: "a" namespace: "shop" from "STDIN": no matches for kind'
            ' "DopplerSecret" in version "secrets.doppler.com/v1alpha1"\nensure CRDs are installed first',
            "the cluster does not know the kind DopplerSecret (secrets.doppler.com/v1alpha1)",
        ),
        ('Error from server (NotFound): namespaces "shop" not found', "the namespace shop is not there"),
        ('error: context "prod-eu" does not exist', "kubectl knows no context prod-eu"),
        ("Warning: old\nerror: something else", "kubectl apply failed: something else"),
        ("", "kubectl apply failed: it said nothing"),
    ],
)
def test_it_is_said_in_clear_words_with_what_to_do(said: str, message: str) -> None:
    error = refusal(said, ASKED)
    assert message in error.message
    assert error.hint


def test_each_warning_of_the_server_is_told_once() -> None:
    said = "Warning: would violate PodSecurity\ndeployment/a created\nWarning: would violate PodSecurity\nWarning: b"
    assert warnings_in(said) == ["would violate PodSecurity", "b"]
