using Dray.Inference.Compute;
using Dray.Quantization.Tests.Evaluation;
using Dray.Quantization.Tuning;

namespace Dray.Quantization.Tests.Tuning;

public sealed class ActivationStoreTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Read_SamplesInAnotherOrder_AreThoseWritten(bool storesBrainFloats, bool spills)
    {
        const int Tokens = 3;
        const int Hidden = 5;
        using var folder = new TemporaryFolder();
        using var backend = CpuPaths.Float32(1);
        using var store = new ActivationStore(4, Tokens, Hidden, storesBrainFloats, spills ? folder.Path : null);
        using var buffer = backend.Allocate(4 * Tokens, Hidden);
        var values = Enumerable.Range(0, 4 * Tokens * Hidden).Select(i => 1 + (i / 7f)).ToArray();
        backend.Upload(values, buffer.View);
        store.Write([0, 1, 2, 3], buffer.View);

        store.Read([2, 0], buffer.Take(2 * Tokens));

        var read = new float[2 * Tokens * Hidden];
        backend.Download(buffer.Take(2 * Tokens), read);
        float[] expected = [.. values[(2 * Tokens * Hidden)..(3 * Tokens * Hidden)], .. values[..(Tokens * Hidden)]];
        if (storesBrainFloats) expected = [.. expected.Select(value => BrainFloat.Decode(BrainFloat.Encode(value)))];
        read.ShouldBe(expected);
    }
}
