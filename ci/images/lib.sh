# What the scripts of this folder share. To be sourced by bash, from any folder.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# What is built and downloaded on the way. Everything in it can be deleted at any time.
work=${CARGO_TARGET_DIR:-$root/target}/images

# Says why nothing can go on, and what to do.
fail() {
    printf 'error: %s\n' "$@" >&2
    exit 1
}

# Checks that a program is there: need PROGRAM WHAT-TO-DO
need() {
    command -v "$1" >/dev/null || fail "$1 is missing" "$2"
}

# The versions of Debian's packages that images take, as apt would download them now. Asked once for all images.
deb_versions() {
    need apt-cache "these images take packages from Debian or Ubuntu; build them on such a machine, then docker save and docker load"
    if [ -z "${DEB_VERSIONS:-}" ]; then
        # A new machine has no package lists.
        apt-cache show busybox-static >/dev/null 2>&1 || apt-get update --quiet=2 ||
            fail "apt cannot read its package lists" "see the messages above; as root, apt-get update must work"
        DEB_VERSIONS=$(apt-cache policy busybox-static redis-tools | awk '/^[a-z]/ { name = $1 } /Candidate:/ { print name, $2 }')
    fi
    printf '%s\n' "$DEB_VERSIONS"
}

# Unpacks packages without installing them: unpack_debs DIR PACKAGE...
unpack_debs() {
    local into=$1 downloads
    shift
    downloads=$(mktemp --directory)
    # The sandbox user of apt cannot write into a private folder; it may do without when root asks.
    (cd "$downloads" && apt-get download --quiet=2 -o APT::Sandbox::User=root "$@") ||
        fail "apt-get cannot download $*" "see the messages above; try apt-get update as root"
    for deb in "$downloads"/*.deb; do
        dpkg-deb --extract "$deb" "$into"
    done
    rm -r "$downloads"
}

# The folders and users every image has: skeleton DIR
skeleton() {
    mkdir -p "$1/tmp" "$1/etc" "$1/bin"
    chmod 1777 "$1/tmp"
    printf 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' > "$1/etc/passwd"
    printf 'root:x:0:\nnobody:x:65534:\n' > "$1/etc/group"
}

# A shell and wget, which the official images have too: health checks of compose files call them. busybox DIR
busybox() {
    local unpacked
    unpacked=$(mktemp --directory)
    unpack_debs "$unpacked" busybox-static
    cp "$unpacked"/bin/busybox "$1/bin/busybox"
    rm -r "$unpacked"
    for name in sh cat cp df du env grep head id kill ls mkdir nc ps rm sleep tail top touch vi wget; do
        ln -s busybox "$1/bin/$name"
    done
}

# Copies the shared libraries of a program and the loader, where the program looks for them: libraries DIR PROGRAM
libraries() {
    local library
    ldd "$2" | grep -oE '/[^ ]+' | while read -r library; do
        cp --dereference --parents "$library" "$1"
    done
}

# The certificate authorities this machine trusts, without which no HTTPS client starts, not even one that is only ever
# asked for http: certificates DIR
certificates() {
    local bundle=/etc/ssl/certs/ca-certificates.crt
    [ -f "$bundle" ] || fail "$bundle is missing" "install ca-certificates"
    mkdir -p "$1/etc/ssl/certs"
    cp --dereference "$bundle" "$1$bundle"
}

# Builds programs of the Go module beside the calling script: go_build INTO LDFLAGS TAGS PACKAGE...
go_build() {
    local into=$1 ldflags=$2 tags=$3
    shift 3
    need_go
    mkdir -p "$into"
    # Statically linked, so that it runs in an empty image; without paths and symbols of this machine. Debian's Go does
    # not fetch the version a module asks for unless it is told to.
    GOTOOLCHAIN=${GOTOOLCHAIN:-auto} CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w $ldflags" -tags "$tags" -o "$into/" "$@"
}

# Go: any since 1.21 fetches the version that a module asks for. Where there is none, Debian's newest is installed.
need_go() {
    local advice="install Go 1.21 or newer, from https://go.dev/dl or as a package" sources suite mirror
    if command -v go >/dev/null; then return; fi
    [ "$(id -u)" -eq 0 ] && grep -q '^ID=debian' /etc/os-release || fail "go is missing" "$advice"
    suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)-backports
    # The mirror this machine has its packages from.
    mirror=$(grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -n 1)
    [ -n "$mirror" ] || fail "go is missing, and no mirror of Debian is known to apt" "$advice"
    sources=$(mktemp)
    echo "deb ${mirror% } $suite main" > "$sources"
    # Only for these two calls: the machine's own list of sources stays as it is.
    { apt-get update --quiet=2 -o Dir::Etc::SourceList="$sources" -o Dir::Etc::SourceParts=/dev/null &&
        apt-get install --quiet=2 --yes --no-install-recommends --target-release "$suite" \
            -o Dir::Etc::SourceList="$sources" golang-go; } >&2 || fail "apt-get cannot install Go from $suite" "$advice"
    rm "$sources"
}

# What decides how `otelgate` comes out: its sources.
otelgate_inputs() {
    (cd "$root" && find Cargo.toml Cargo.lock src {harness,loadtests}/{Cargo.toml,src} loadtests/templates -type f -print0 |
        sort --zero-terminated | xargs --null sha256sum)
}

# Builds `otelgate` over Qdrant's own engine, and puts it with its libraries into an image: otelgate DIR
#
# In a target folder of its own: the engine takes minutes to compile, and nobody who works in the tree shall wait for
# cargo's lock.
otelgate() {
    need cargo "install Rust from https://rustup.rs"
    (cd "$root" && cargo build --locked --package otelgate --profile image --features qdrant-edge --target-dir "$work/cargo") >&2
    mkdir -p "$1/usr/bin"
    cp "$work/cargo/image/otelgate" "$1/usr/bin/otelgate"
    libraries "$1" "$1/usr/bin/otelgate"
    certificates "$1"
    "$1/usr/bin/otelgate" --version | sed 's/^otelgate //' > "$1/../version"
}
