using Dray.Inference.Compute;
using Dray.Inference.Compute.Reference;

namespace Dray.Inference.Tests.Models;

public sealed class ReferenceModelGoldenTests : ModelGoldens
{
    // Longer ones are minutes of scalar loops; their forward pass is compared all the same.
    protected override int LongestContinued => 600;

    protected override IComputeBackend Create() => new ReferenceBackend();
}
