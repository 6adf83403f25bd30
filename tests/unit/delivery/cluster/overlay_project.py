"""A project with an overlay that is small and has a part of each kind."""

from __future__ import annotations

from pathlib import Path

DIGEST = f"sha256:{'0123456789abcdef' * 4}"

BASE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: queue}
spec:
  selector: {matchLabels: {app: queue}}
  template:
    metadata: {labels: {app: queue}}
    spec:
      containers: [{name: queue, image: shop-app}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: laravel}
spec:
  selector: {matchLabels: {app: laravel}}
  template:
    metadata: {labels: {app: laravel}}
    spec:
      containers:
        - name: app
          image: shop-app
          envFrom:
            - secretRef: {name: laravel-secrets}
            - configMapRef: {name: laravel-settings}
            - secretRef: {name: extra, optional: true}
          env:
            - {name: TOKEN, valueFrom: {secretKeyRef: {name: token, key: value}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: other}
spec:
  selector: {matchLabels: {app: other}}
  template:
    metadata: {labels: {app: other}}
    spec:
      containers: [{name: other, image: "shop-app-extra:1"}]
---
apiVersion: v1
kind: Service
metadata: {name: laravel-service}
spec:
  selector: {app: laravel}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: mysql}
spec:
  serviceName: mysql
  selector: {matchLabels: {app: mysql}}
  template:
    metadata: {labels: {app: mysql}}
    spec:
      containers: [{name: mysql, image: "mysql:9.7.4"}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: migrate, image: shop-app}]
---
apiVersion: v1
kind: Namespace
metadata: {name: shop-staging}
"""

STAGING = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: shop-staging
resources: [../../base]
configMapGenerator:
  - name: laravel-settings
    literals: [APP_ENV=production]
images:
  - name: shop-app
    newName: registry.example:5000/team/shop
    digest: {digest}
"""


def write_project(root: Path, *, overlay: str = STAGING.format(digest=DIGEST)) -> Path:
    base, staging = root / "kubernetes" / "base", root / "kubernetes" / "overlays" / "staging"
    base.mkdir(parents=True)
    staging.mkdir(parents=True)
    (base / "all.yaml").write_text(BASE)
    (base / "kustomization.yaml").write_text("resources: [all.yaml]\n")
    (staging / "kustomization.yaml").write_text(overlay)
    (root / "devkit.toml").write_text('[project]\nname = "shop"\n')
    return root
