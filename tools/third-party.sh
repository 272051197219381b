#!/bin/bash
# Builds the parts of Portico that are not ours, once, into a cache outside the tree.
#
#   tools/third-party.sh [--clean] build PART LINK    build PART if the cache lacks it, and make LINK point at it
#   tools/third-party.sh key PART                     print the folder of the cache that PART belongs to
#
# The cache is ${PORTICO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/portico}.  A part lives in <part>-<digest>; the digest
# covers the recipe, the files that the recipe names, the checksum of the upstream sources, the compiler
# and the digests of the parts that it needs.  A folder appears there by one rename, when it is complete.  --clean
# builds anew what the cache has.
#
# A recipe is libc/<folder>/recipe.sh.  It sets, for $part (one recipe may serve several parts):
#   package   Debian's source package       upstream  its upstream version      sha256  of the upstream tarball
#   members   what to unpack of the tarball (default: all)
#   inputs    files and folders of the repository that go into the build
#   needs     other parts; the folder of each is in ${folder_of[NAME]}
# and defines build(), which is called in an empty folder with the sources in $source and puts its result into $out.
set -euo pipefail
# Set for our own Python programs; upstream's scripts import what lies beside them.
unset PYTHONSAFEPATH PYTHONPATH

repository=$(cd "$(dirname "$0")/.." && pwd)
cache=${PORTICO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/portico}
clean=
jobs=$(nproc)
declare -A folder_of
format=1 # raise it when a change of this script changes what recipes make

say() { printf 'third-party: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

recipe_of() {
    case $1 in
    newlib) echo libc/newlib ;;
    cxx) echo libc/cxx ;;
    regex) echo libc/regex ;;
    dash | dash-host) echo libc/userland/dash ;;
    mksh) echo libc/userland/mksh ;;
    busybox | busybox-host) echo libc/userland/busybox ;;
    *) die "there is no recipe for '$1'" ;;
    esac
}

# Reads the recipe of part $1 into this shell.
load() {
    part=$1 members=() inputs=() needs=()
    recipe=$(recipe_of "$part")
    # shellcheck source=/dev/null
    . "$repository/$recipe/recipe.sh"
}

# Prints the cache folder of part $1.
folder() (
    load "$1"
    key=$(
        {
            printf '%s\n' "$format" "$part" "$upstream" "$sha256"
            clang-19 --version | head -n 1
            cd "$repository"
            find "$recipe/recipe.sh" "${inputs[@]}" -type f -print0 | LC_ALL=C sort -z |
                xargs -0 sha256sum
            for need in "${needs[@]}"; do folder "$need"; done
        } | sha256sum | cut -c 1-16
    )
    echo "$cache/$part-$key"
)

# A list of Debian's own source repositories, made from the machine's entries for its packages.  /etc stays as it is.
write_source_list() {
    local codename
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")
    {
        cat /etc/apt/sources.list.d/*.sources 2>/dev/null || true
    } | awk -v codename="$codename" 'BEGIN { RS = ""; FS = "\n" }
        {
            text = ""; wanted = 0
            for (i = 1; i <= NF; i++) {
                if ($i ~ /^#/) continue
                if ($i ~ /^Types:/) $i = "Types: deb-src"
                if ($i ~ "^Suites:.*[: ](" codename "|stable|oldstable)") wanted = 1
                text = text $i "\n"
            }
            if (wanted) print text
        }' >"$1/debian.sources"
    {
        cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true
    } | awk -v codename="$codename" '
        $1 == "deb" && $0 ~ " (" codename "|stable|oldstable)[-/ ]" { sub(/^deb/, "deb-src"); print }' \
        >"$1/debian.list"
}

private_apt() {
    local state=$cache/apt
    apt-get -q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$state/parts" \
        -o Dir::State::lists="$state/lists" -o Dir::Cache="$state/cache" -o APT::Sandbox::User="$(id -un)" "$@"
}

# Leaves the upstream tarball of the recipe in $cache/sources/$sha256 and checks it.
fetch() {
    local kept=$cache/sources/$sha256 work found
    mkdir -p "$cache/sources" "$cache/apt/parts" "$cache/apt/lists/partial" "$cache/apt/cache/archives/partial"
    exec 8>"$cache/apt/lock"
    flock 8
    if [ ! -e "$kept" ]; then
        say "$part: fetching the sources of $package $upstream"
        work=$(mktemp -d "$cache/apt/fetch.XXXXXX")
        write_source_list "$cache/apt/parts"
        private_apt update >"$work/log" 2>&1 || { cat "$work/log" >&2; die "cannot read Debian's list of sources"; }
        (cd "$work" && private_apt source --download-only "$package") >>"$work/log" 2>&1 ||
            { tail -n 20 "$work/log" >&2; die "cannot fetch the source package $package"; }
        found=$(find "$work" -name "${package}_$upstream.orig.tar.*" ! -name '*.asc' | head -n 1)
        [ -n "$found" ] || die "$package: upstream version $upstream is wanted, but Debian has $(ls "$work")"
        echo "$sha256  $found" | sha256sum --quiet -c - >&2 || die "$package $upstream: not the sources we know"
        mv "$found" "$kept"
        rm -rf "$work"
    fi
    exec 8>&-
}

# Builds the loaded part into $1.
build_into() {
    local final=$1 work started=$SECONDS
    log=$cache/logs/$(basename "$final").log
    mkdir -p "$cache/logs"
    fetch
    work=$(mktemp -d "$cache/.work.$part.XXXXXX")
    source=$work/source out=$work/out
    mkdir "$source" "$out" "$work/build"
    say "$part: unpacking and building $package $upstream (log: $log)"
    if ! (
        run tar xf "$cache/sources/$sha256" -C "$source" --strip-components=1 "${members[@]}"
        cd "$work/build" || exit 1
        build
    ) >"$log" 2>&1 8>&- 9>&-; then
        tail -n 40 "$log" >&2
        die "$part: the build failed; the whole log is $log"
    fi
    # What was there, with --clean, is replaced: links into it stay right.
    rm -rf "$final"
    mv "$out" "$final"
    rm -rf "$work"
    say "$part: built in $((SECONDS - started)) s"
}

# The functions run inside `if`, where bash ignores `set -e`; a recipe's build() chains its steps with `&&` or `run`.
run() { "$@" || { echo "third-party: failed: $*"; exit 1; }; }

build_part() {
    local link=$2 need final
    load "$1"
    final=$(folder "$part")
    mkdir -p "$cache"
    exec 9>"$final.lock"
    flock -n 9 || { say "$part: waiting for another build of it"; flock 9; }
    if [ -n "$clean" ] || [ ! -d "$final" ]; then
        for need in "${needs[@]}"; do
            folder_of[$need]=$(folder "$need")
            [ -d "${folder_of[$need]}" ] || die "$part needs $need, which is not built yet"
        done
        build_into "$final"
    fi
    exec 9>&-
    mkdir -p "$(dirname "$link")"
    ln -sfn "$final" "$link"
}

if [ "${1:-}" = --clean ]; then
    clean=yes
    shift
fi
case ${1:-} in
build) [ $# -eq 3 ] || die "usage: $0 [--clean] build PART LINK"; build_part "$2" "$3" ;;
key) [ $# -eq 2 ] || die "usage: $0 key PART"; folder "$2" ;;
*) die "usage: $0 [--clean] build PART LINK | key PART" ;;
esac
