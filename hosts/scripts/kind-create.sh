# Makes the cluster of the kind file on standard input, unless that very cluster is there. CLUSTER, DIGEST (of the file) and
# KIND_EXPERIMENTAL_DOCKER_NETWORK are in the environment. Prints the administrator's kubeconfig.
set -eu
mark=/kind/dualstack
if kind get clusters 2>/dev/null | grep -qxF -- "$CLUSTER"; then
  found=$(docker exec "$CLUSTER-control-plane" cat "$mark" 2>/dev/null || true)
  if [ -z "$found" ]; then
    echo "dualstack: error: kind has a cluster $CLUSTER already, which dualstack did not make or not finish; 'kind delete cluster --name $CLUSTER' takes it away, or give the spec another name" >&2
    exit 1
  elif [ "$found" != "$DIGEST" ]; then
    echo "dualstack: error: kind changes nothing of a cluster that it has made, and $CLUSTER was made from another file; 'pulumi destroy', then 'pulumi up' makes it anew" >&2
    exit 1
  fi
else
  # the user's own kubeconfig is not touched
  aside=$(mktemp)
  trap 'rm -f "$aside" "$aside.lock"' EXIT
  kind create cluster --config - --kubeconfig "$aside" >&2
  printf %s "$DIGEST" | docker exec -i "$CLUSTER-control-plane" tee "$mark" >/dev/null
fi
kind get kubeconfig --name "$CLUSTER"
