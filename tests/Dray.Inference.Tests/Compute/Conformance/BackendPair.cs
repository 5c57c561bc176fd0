using Dray.Inference.Compute;
using Dray.Inference.Compute.Reference;

namespace Dray.Tests.Compute;

/// <summary>
/// A backend under test beside the reference: makes the same tensors on both and compares what operations left in them. Tensors lie in
/// wider buffers at an odd column, so that every operation meets strided, unaligned views.
/// </summary>
public sealed class BackendPair(IComputeBackend subject) : IDisposable
{
    private const int Margin = 3;

    public IComputeBackend Subject { get; } = subject;

    public ReferenceBackend Reference { get; } = new();

    public static float[] Random(int seed, int count, float spread = 1)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (var i = 0; i < count; i++) values[i] = (random.NextSingle() - 0.5f) * 2 * spread;
        return values;
    }

    /// <summary>The same random values on both backends.</summary>
    public (Tensor Subject, Tensor Reference) Tensors(int seed, int rows, int columns, float spread = 1)
    {
        var values = Random(seed, rows * columns, spread);
        return (Upload(Subject, values, rows, columns), Upload(Reference, values, rows, columns));
    }

    public static Tensor Upload(IComputeBackend backend, float[] values, int rows, int columns)
    {
        var tensor = backend.Allocate(rows + 1, columns + (2 * Margin)).View.SliceRows(1, rows).SliceColumns(Margin, columns);
        backend.Upload(values, tensor);
        return tensor;
    }

    public static float[] Download(IComputeBackend backend, Tensor tensor)
    {
        var values = new float[tensor.Rows * tensor.Columns];
        backend.Download(tensor, values);
        return values;
    }

    /// <summary>Asserts that no value differs by more than <paramref name="bound"/> times the reference's largest magnitude, and that nothing beside the view was touched.</summary>
    public void ShouldAgree((Tensor Subject, Tensor Reference) tensors, double bound)
    {
        var actual = Download(Subject, tensors.Subject);
        var expected = Download(Reference, tensors.Reference);
        var scale = expected.Length == 0 ? 0 : expected.Max(Math.Abs);
        for (var i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(actual[i] - expected[i]) <= bound * scale))
                Assert.Fail($"Value {i} of [{tensors.Subject.Rows}, {tensors.Subject.Columns}] is {actual[i]:R} where {expected[i]:R} was expected (largest {scale:R}, bound {bound}).");
        }

        var whole = Download(Subject, tensors.Subject.Buffer.View);
        var stride = tensors.Subject.Buffer.Columns;
        for (var i = 0; i < whole.Length; i++)
        {
            var outside = i / stride < 1 || i % stride < Margin || i % stride >= Margin + tensors.Subject.Columns;
            if (outside && whole[i] != 0) Assert.Fail($"The value at row {i / stride}, column {i % stride} of the buffer lies outside the view and was written.");
        }
    }

    public void Dispose() => Subject.Dispose();
}
