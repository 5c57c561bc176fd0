#!/usr/bin/env bash
# Fetches NVIDIA's assembler and disassembler on Debian, nothing else of the CUDA toolkit (84 MB, once), and prints the folder for $CUDA_HOME.
# Fails, with a sentence, where that can't be done; tests that need them are then skipped.
set -euo pipefail
target=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/dray-ci/cuda}

if [ ! -x "$target/bin/ptxas" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    mkdir -p "$work/lists" "$work/cache/archives/partial" "$work/package" "$target/bin"
    release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    echo "deb http://deb.debian.org/debian $release non-free" > "$work/sources.list"
    options=(-qq -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o Acquire::Retries=2 -o APT::Sandbox::User=root)
    if ! (cd "$work" && apt-get "${options[@]}" update && apt-get "${options[@]}" download nvidia-cuda-toolkit) >&2; then
        echo "The CUDA toolkit could not be fetched from Debian's non-free packages." >&2
        exit 1
    fi
    dpkg-deb --fsys-tarfile "$work"/nvidia-cuda-toolkit_*.deb |
        tar -x -C "$work/package" --wildcards '*/ptxas' '*/nvdisasm' '*/cuobjdump'
    # Links among them are left behind; ptxas last, so that half a folder is not taken for a whole one.
    for tool in nvdisasm cuobjdump ptxas; do
        file=$(find "$work/package" -name "$tool" -type f | head -n 1)
        install -m 755 "$file" "$target/bin/$tool"
    done
fi

echo "$target"
