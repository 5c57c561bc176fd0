#!/usr/bin/env bash
# Tests and times the GPU backend on this machine's CUDA device; see the usage below.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

usage() {
    cat >&2 <<'END'
gpu.sh [ARGUMENTS]              in a clone: builds, runs the conformance suite on CUDA, measures, writes
                                tests/Dray.Benchmarks/Results/gpu-DEVICE.md
gpu.sh publish DIR              in a clone: makes a folder that runs on a machine with nothing but the driver
gpu.sh run [ARGUMENTS]          in that folder: tests, measures and writes gpu-DEVICE.md there
ARGUMENTS: --device cuda[:N]|opencl[:N] (default cuda), --smoke (tiny shapes), --minutes N (default 7), --output FILE.md
END
    exit 2
}

# The tests' device is the first of its kind; what runs on ILGPU's emulation, or only reads PTX, is no matter of this machine.
tests() {
    DRAY_TEST_DEVICE=$kind DRAY_TEST_REQUIRE_SERVICES=1 "$@" \
        --filter-not-namespace Dray.Inference.Ilgpu.Tests.Ptx --filter-not-class '*.EmulatedConformanceTests' \
        --filter-not-class '*.OpenClConformanceTests' --filter-not-class '*.GpuReportTests'
}

# Finds --device among the arguments, which all go on to the benchmark.
kind=cuda
device_of() {
    while [ $# -gt 0 ]; do
        if [ "$1" = --device ] && [ $# -gt 1 ]; then kind=${2%%:*}; fi
        shift
    done
}

publish() {
    local root=$here/../.. target=$1
    mkdir -p "$target"
    dotnet publish "$root/tests/Dray.Inference.Ilgpu.Tests" -c Release -r linux-x64 --self-contained --nologo -v quiet -o "$target/tests"
    dotnet publish "$root/tests/Dray.Benchmarks" -c Release -r linux-x64 --self-contained --nologo -v quiet -o "$target/benchmarks"
    cp "$here/gpu.sh" "$target/"
    # The tests look for the repository's root above themselves.
    touch "$target/Worker.sln"
    echo "$target: copy it to the machine with the GPU and run ./gpu.sh run there." >&2
}

# A failed test must not keep the figures from being taken, nor be forgotten over them.
measure() {
    local status=0
    tests "${run_tests[@]}" || status=$?
    "${run_benchmarks[@]}" gpu "$@" || status=$?
    return $status
}

case "${1:-}" in
    publish)
        [ $# -eq 2 ] || usage
        publish "$2"
        ;;
    run)
        shift
        [ -d "$here/benchmarks" ] || usage
        device_of "$@"
        cd "$here"
        run_tests=("$here/tests/Dray.Inference.Ilgpu.Tests") run_benchmarks=("$here/benchmarks/Dray.Benchmarks")
        measure "$@"
        ;;
    "" | --device | --smoke | --minutes | --output)
        device_of "$@"
        cd "$here/../.."
        for project in Dray.Inference.Ilgpu.Tests Dray.Benchmarks; do
            dotnet build "tests/$project" -c Release --nologo -v quiet
        done
        run_tests=(dotnet tests/Dray.Inference.Ilgpu.Tests/bin/Release/net10.0/Dray.Inference.Ilgpu.Tests.dll)
        run_benchmarks=(dotnet tests/Dray.Benchmarks/bin/Release/net10.0/Dray.Benchmarks.dll)
        measure "$@"
        ;;
    *) usage ;;
esac
