# Deletes the cluster, and its network if dualstack made it and nobody else is in it.
set -eu
aside=$(mktemp)
trap 'rm -f "$aside" "$aside.lock"' EXIT
kind delete cluster --name "$CLUSTER" --kubeconfig "$aside" >&2
for network in $(docker network ls --quiet --filter "label=dualstack.kind=$CLUSTER"); do
  [ "$(docker network inspect --format '{{len .Containers}}' "$network")" != 0 ] || docker network rm "$network" >&2
done
