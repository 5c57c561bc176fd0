using Dray.Inference.Checkpoints;

namespace Dray.Inference.Compute.Reference;

/// <summary>
/// Every operation as plain scalar loops, readable end to end: the oracle that the fast backends are tested against. Sums are
/// accumulated in float64, so that the oracle's own rounding is not in the way. It is slow; do not run a service on it.
/// </summary>
public sealed class ReferenceBackend : IComputeBackend
{
    /// <inheritdoc/>
    public string Name => "reference";

    /// <inheritdoc/>
    public long MemoryBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <inheritdoc/>
    public TensorBuffer Allocate(int rows, int columns) => new HostTensorBuffer(rows, columns);

    /// <inheritdoc/>
    public void Upload(ReadOnlySpan<float> source, Tensor target)
    {
        TensorGuard.HasLength(source.Length, target.Rows * target.Columns);
        for (var m = 0; m < target.Rows; m++) source.Slice(m * target.Columns, target.Columns).CopyTo(Row(target, m));
    }

    /// <inheritdoc/>
    public void Download(Tensor source, Span<float> target)
    {
        TensorGuard.HasLength(target.Length, source.Rows * source.Columns);
        for (var m = 0; m < source.Rows; m++) Row(source, m).CopyTo(target[(m * source.Columns)..]);
    }

    /// <inheritdoc/>
    public WeightMatrix LoadMatrix(IReadOnlyList<LinearSource> parts)
    {
        var matrix = new ReferenceMatrix(parts.Sum(part => part.Outputs), parts[0].Inputs);
        var first = 0;
        foreach (var part in parts)
        {
            TensorGuard.HasLength(part.Inputs, matrix.Inputs);
            part.ReadRows(0, part.Outputs, matrix.Rows(first, part.Outputs));
            first += part.Outputs;
        }

        return matrix;
    }

    /// <inheritdoc/>
    public KvCache AllocateKvCache(KvCacheShape shape) => new ReferenceKvCache(shape);

    /// <inheritdoc/>
    public void MatMul(Tensor x, WeightMatrix weight, Tensor y, bool accumulate = false)
    {
        var matrix = (ReferenceMatrix)weight;
        TensorGuard.HasShape(x, y.Rows, matrix.Inputs);
        TensorGuard.HasShape(y, x.Rows, matrix.Outputs);
        for (var m = 0; m < x.Rows; m++)
        {
            var input = Row(x, m);
            var output = Row(y, m);
            for (var n = 0; n < matrix.Outputs; n++)
            {
                var dot = (float)Dot(input, matrix.Rows(n, 1));
                output[n] = accumulate ? output[n] + dot : dot;
            }
        }
    }

    /// <inheritdoc/>
    public void RmsNorm(Tensor x, Tensor gain, float epsilon, Tensor y)
    {
        TensorGuard.SameShape(y, x);
        TensorGuard.HasShape(gain, 1, x.Columns);
        var gains = Row(gain, 0);
        for (var m = 0; m < x.Rows; m++)
        {
            var input = Row(x, m);
            var output = Row(y, m);
            var scale = 1.0 / Math.Sqrt((Dot(input, input) / input.Length) + epsilon);
            for (var i = 0; i < input.Length; i++) output[i] = (float)(input[i] * scale) * gains[i];
        }
    }

    /// <inheritdoc/>
    public void Rope(Tensor x, int headDim, Tensor cos, Tensor sin)
    {
        var half = headDim / 2;
        TensorGuard.HasShape(cos, x.Rows, half);
        TensorGuard.HasShape(sin, x.Rows, half);
        for (var m = 0; m < x.Rows; m++)
        {
            var row = Row(x, m);
            var c = Row(cos, m);
            var s = Row(sin, m);
            for (var head = 0; head < x.Columns; head += headDim)
            {
                for (var i = 0; i < half; i++)
                {
                    var (a, b) = (row[head + i], row[head + half + i]);
                    row[head + i] = (a * c[i]) - (b * s[i]);
                    row[head + half + i] = (b * c[i]) + (a * s[i]);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void SwiGlu(Tensor gateUp, Tensor y)
    {
        TensorGuard.HasShape(gateUp, y.Rows, y.Columns * 2);
        for (var m = 0; m < y.Rows; m++)
        {
            var input = Row(gateUp, m);
            var output = Row(y, m);
            for (var i = 0; i < output.Length; i++)
                output[i] = (float)(input[i] / (1.0 + Math.Exp(-input[i]))) * input[output.Length + i];
        }
    }

    /// <inheritdoc/>
    public void Gelu(Tensor x)
    {
        for (var m = 0; m < x.Rows; m++)
        {
            foreach (ref var value in Row(x, m)) value = (float)(0.5 * value * (1.0 + ErrorFunction.Erf(value / Math.Sqrt(2.0))));
        }
    }

    /// <inheritdoc/>
    public void Gather(WeightMatrix table, ReadOnlySpan<int> ids, Tensor y)
    {
        TensorGuard.HasShape(y, ids.Length, table.Inputs);
        for (var m = 0; m < ids.Length; m++) ((ReferenceMatrix)table).Rows(ids[m], 1).CopyTo(Row(y, m));
    }

    /// <inheritdoc/>
    public void GatherRows(Tensor x, ReadOnlySpan<int> rows, Tensor y)
    {
        TensorGuard.HasShape(y, rows.Length, x.Columns);
        for (var m = 0; m < rows.Length; m++) Row(x, rows[m]).CopyTo(Row(y, m));
    }

    /// <inheritdoc/>
    public void ScatterRows(Tensor x, ReadOnlySpan<int> rows, Tensor y)
    {
        TensorGuard.HasShape(x, rows.Length, y.Columns);
        for (var m = 0; m < rows.Length; m++) Row(x, m).CopyTo(Row(y, rows[m]));
    }

    /// <inheritdoc/>
    public void WriteKv(KvCache cache, int layer, Tensor k, Tensor v, AttentionLayout layout)
    {
        var kv = (ReferenceKvCache)cache;
        TensorGuard.HasShape(k, layout.Tokens, kv.Shape.KvHeads * kv.Shape.HeadDim);
        TensorGuard.SameShape(v, k);
        for (var m = 0; m < k.Rows; m++) kv.Write(layer, layout.Slots[m], Row(k, m), Row(v, m));
    }

    /// <inheritdoc/>
    public void PagedAttention(Tensor q, KvCache cache, int layer, AttentionLayout layout, Tensor y)
    {
        var kv = (ReferenceKvCache)cache;
        var headDim = kv.Shape.HeadDim;
        var heads = q.Columns / headDim;
        TensorGuard.HasShape(q, layout.Tokens, heads * headDim);
        TensorGuard.SameShape(y, q);
        foreach (var sequence in layout.Sequences)
        {
            var blocks = layout.BlockTable[sequence.FirstBlock..];
            for (var i = 0; i < sequence.Tokens; i++)
            {
                var context = sequence.ContextBefore + i + 1;
                var query = Row(q, sequence.FirstToken + i);
                var output = Row(y, sequence.FirstToken + i);
                for (var head = 0; head < heads; head++)
                {
                    var kvHead = head / (heads / kv.Shape.KvHeads) * headDim;
                    var scores = new double[context];
                    for (var t = 0; t < context; t++)
                        scores[t] = Dot(query.Slice(head * headDim, headDim), kv.Keys(layer, Slot(blocks, t)).Slice(kvHead, headDim)) / Math.Sqrt(headDim);
                    Softmax(scores);
                    for (var d = 0; d < headDim; d++)
                    {
                        var sum = 0.0;
                        for (var t = 0; t < context; t++) sum += scores[t] * kv.Values(layer, Slot(blocks, t))[kvHead + d];
                        output[(head * headDim) + d] = (float)sum;
                    }
                }
            }
        }
    }

    /// <inheritdoc/>
    public void SegmentAttention(Tensor q, Tensor k, Tensor v, int headDim, ReadOnlySpan<int> segments, Tensor y)
    {
        TensorGuard.SameShape(k, q);
        TensorGuard.SameShape(v, q);
        TensorGuard.SameShape(y, q);
        var first = 0;
        foreach (var length in segments)
        {
            for (var m = first; m < first + length; m++)
            {
                for (var head = 0; head < q.Columns; head += headDim)
                {
                    var scores = new double[length];
                    for (var t = 0; t < length; t++)
                        scores[t] = Dot(Row(q, m).Slice(head, headDim), Row(k, first + t).Slice(head, headDim)) / Math.Sqrt(headDim);
                    Softmax(scores);
                    for (var d = head; d < head + headDim; d++)
                    {
                        var sum = 0.0;
                        for (var t = 0; t < length; t++) sum += scores[t] * Row(v, first + t)[d];
                        Row(y, m)[d] = (float)sum;
                    }
                }
            }

            first += length;
        }

        TensorGuard.HasLength(first, q.Rows);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private static Span<float> Row(Tensor tensor, int row) => HostTensorBuffer.RowSpan(tensor, row);

    private static int Slot(ReadOnlySpan<int> blocks, int position) =>
        (blocks[position / KvCache.BlockTokens] * KvCache.BlockTokens) + (position % KvCache.BlockTokens);

    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++) sum += (double)a[i] * b[i];
        return sum;
    }

    private static void Softmax(Span<double> scores)
    {
        var max = double.NegativeInfinity;
        foreach (var score in scores) max = Math.Max(max, score);
        var sum = 0.0;
        foreach (ref var score in scores) sum += score = Math.Exp(score - max);
        foreach (ref var score in scores) score /= sum;
    }
}
