using Dray.Inference.Compute;
using Dray.Tests.Compute;

namespace Dray.Inference.Ilgpu.Tests;

/// <summary>Every operation on ILGPU's emulation of a GPU.</summary>
public sealed class EmulatedConformanceTests : BackendConformance
{
    protected override int ManyRows => 75;

    protected override int LargestVocabulary => 5003;

    protected override IComputeBackend Create() => IlgpuDevices.OpenEmulated();
}
