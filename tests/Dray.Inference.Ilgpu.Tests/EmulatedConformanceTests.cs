using Dray.Inference.Compute;
using Dray.Tests.Compute;

namespace Dray.Inference.Ilgpu.Tests;

/// <summary>Every operation on ILGPU's emulation of a GPU.</summary>
public sealed class EmulatedConformanceTests : BackendConformance
{
    // A thread of the operating system stands for each of the device's: few is enough.
    protected override int ManyRows => 75;

    protected override int LongContext => 90;

    protected override int[][] Chunks => [[150], [133, 16, 1]];

    protected override int LargestVocabulary => 5003;

    protected override IComputeBackend Create() => IlgpuDevices.OpenEmulated();
}
