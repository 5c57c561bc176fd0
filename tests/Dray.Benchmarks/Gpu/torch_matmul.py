"""Times bf16 matrix products of torch (cuBLAS). Arguments: name:N:K ...; then --rows M,M,...
One JSON line per product: {"matrix", "rows", "seconds"}; matrix "peak" is 8192 x 8192 x 8192."""
import json
import sys

import torch


def seconds(run):
    run(0)
    torch.cuda.synchronize()
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    times = []
    for _ in range(5):
        start.record()
        for call in range(20):
            run(call)
        end.record()
        torch.cuda.synchronize()
        times.append(start.elapsed_time(end) / 1000 / 20)
    return sorted(times)[2]


def measure(name, outputs, inputs, rows):
    turns = max(1, -(-(128 << 20) // (outputs * inputs * 2)))
    weights = [torch.randn(outputs, inputs, device="cuda", dtype=torch.bfloat16) for _ in range(turns)]
    for count in rows:
        x = torch.randn(count, inputs, device="cuda", dtype=torch.bfloat16)
        y = torch.empty(count, outputs, device="cuda", dtype=torch.bfloat16)
        taken = seconds(lambda call: torch.mm(x, weights[call % turns].t(), out=y))
        print(json.dumps({"matrix": name, "rows": count, "seconds": taken}), flush=True)


def main():
    at = sys.argv.index("--rows")
    rows = [int(count) for count in sys.argv[at + 1].split(",")]
    print(json.dumps({"torch": torch.__version__, "device": torch.cuda.get_device_name()}), flush=True)
    measure("peak", 8192, 8192, [8192])
    for argument in sys.argv[1:at]:
        name, outputs, inputs = argument.split(":")
        measure(name, int(outputs), int(inputs), rows)


main()
