"""A release on a Kubernetes cluster, through kubectl and a person's own context: shown, checked, applied, awaited."""
