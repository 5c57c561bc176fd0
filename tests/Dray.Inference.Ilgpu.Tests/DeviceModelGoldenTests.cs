using Dray.Inference.Compute;
using Dray.Inference.Tests.Models;

namespace Dray.Inference.Ilgpu.Tests;

/// <summary>The tiny checkpoints end to end on a real driver: pictures, layers, logits and greedy continuations.</summary>
[Collection(TestDevice.Collection)]
public sealed class DeviceModelGoldenTests : ModelGoldens
{
    protected override IComputeBackend Create() => TestDevice.Open();
}
