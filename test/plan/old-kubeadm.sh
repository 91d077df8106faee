#!/usr/bin/env bash
# Builds kubeadm 1.23 from Go modules (some minutes, 2 GB of module cache) into the folder $1, for test/plan/real.test.ts:
#   test/plan/old-kubeadm.sh /tmp/old && DUALSTACK_OLD_KUBERNETES=/tmp/old npx jest test/plan/real
# It is the last one that reads v1beta2 and knows the gate IPv6DualStack.
set -euo pipefail
version=1.23.17
folder=$(mkdir -p "$1" && cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export GOFLAGS=-buildvcs=false
go mod init old-kubeadm
module=$(go mod download -json "k8s.io/kubernetes@v$version" | sed -nE 's/^\s*"GoMod": "(.*)",?$/\1/p')
for path in $(sed -nE 's/^\s*(\S+) => \.\/staging.*/\1/p' "$module"); do
  go mod edit -replace="$path=$path@v0.${version#1.}"
done
go get "k8s.io/kubernetes/cmd/kubeadm@v$version"
package=k8s.io/component-base/version
go build -ldflags "-s -w -X $package.gitVersion=v$version -X $package.gitMajor=1 -X $package.gitMinor=23" \
  -o "$folder/kubeadm" k8s.io/kubernetes/cmd/kubeadm
"$folder/kubeadm" version -o short
