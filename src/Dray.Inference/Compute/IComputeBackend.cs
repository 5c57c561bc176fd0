using Dray.Inference.Checkpoints;

namespace Dray.Inference.Compute;

/// <summary>
/// The seam between a model and a device: every operation that a forward pass is made of. M = tokens, N = outputs,
/// K = inputs, everywhere. Activations are float32; weights are resident, in the layout the backend chose at load.
/// </summary>
/// <remarks>
/// Operations are issued in order by one thread. Every operation is deterministic: the value of an output row does not depend on how
/// many other rows share the call. Any of them may throw a <see cref="DeviceLostException"/>, and those that allocate or load a
/// <see cref="DeviceMemoryException"/>; to dispose of anything never throws, on a lost device either.
/// </remarks>
public interface IComputeBackend : IDisposable
{
    /// <summary>Gets the backend and the instruction set or device it picked, such as <c>cpu-avx512</c>.</summary>
    string Name { get; }

    /// <summary>Gets the bytes of memory that weights, activations and KV cache can have together: what the device has, or what this process may use of RAM.</summary>
    long MemoryBytes { get; }

    /// <summary>Gets whether tensors lie in memory of the device's own: what a step needs is then taken at load, so that it can't be wanting later.</summary>
    bool HasOwnMemory => false;

    /// <summary>Allocates <paramref name="rows"/> × <paramref name="columns"/> float32 values, zeroed.</summary>
    TensorBuffer Allocate(int rows, int columns);

    /// <summary>Copies host values, row-major, into <paramref name="target"/>.</summary>
    void Upload(ReadOnlySpan<float> source, Tensor target);

    /// <summary>Copies <paramref name="source"/> to the host, row-major. Waits for all operations issued before.</summary>
    void Download(Tensor source, Span<float> target);

    /// <summary>Makes the parts' weights resident as one matrix whose outputs are those of the parts, one after another.</summary>
    /// <param name="parts">Linear layers with the same number of inputs, such as q, k and v. Read once, strip by strip.</param>
    WeightMatrix LoadMatrix(IReadOnlyList<LinearSource> parts);

    /// <summary>Loads a model by calling <paramref name="load"/>; a backend may take the matrices from, or keep them in, a cache of packed weights.</summary>
    /// <param name="checkpoint">What all matrices come from that are loaded meanwhile.</param>
    /// <param name="load">Loads them.</param>
    T Load<T>(Checkpoint checkpoint, Func<T> load) => load();

    /// <summary>Allocates a paged KV cache of <see cref="KvCacheShape.Blocks"/> blocks for every layer.</summary>
    KvCache AllocateKvCache(KvCacheShape shape);

    /// <summary><c>y[M, N] = x[M, K] · Wᵀ</c>, or <c>y += x · Wᵀ</c> if <paramref name="accumulate"/>.</summary>
    void MatMul(Tensor x, WeightMatrix weight, Tensor y, bool accumulate = false);

    /// <summary><c>y = x / sqrt(mean(x²) + epsilon) · gain</c> along each row; <paramref name="gain"/> is [1, columns].</summary>
    void RmsNorm(Tensor x, Tensor gain, float epsilon, Tensor y);

    /// <summary>
    /// Rotates each head of <paramref name="x"/> [M, heads · headDim] in place, half-split:
    /// <c>(a, b) → (a·cos − b·sin, b·cos + a·sin)</c> with a in the first and b in the second half of the head.
    /// </summary>
    /// <param name="x">Query or key rows.</param>
    /// <param name="headDim">Width of one head, even.</param>
    /// <param name="cos">Cosines per row, [M, headDim / 2].</param>
    /// <param name="sin">Sines per row, [M, headDim / 2].</param>
    void Rope(Tensor x, int headDim, Tensor cos, Tensor sin);

    /// <summary><c>y[M, I] = silu(gateUp[:, :I]) · gateUp[:, I:]</c>.</summary>
    void SwiGlu(Tensor gateUp, Tensor y);

    /// <summary><c>x = gelu(x)</c>, the exact (erf) form, in place.</summary>
    void Gelu(Tensor x);

    /// <summary><c>y[m] = table[ids[m]]</c>. <paramref name="table"/> must have been loaded from one 16- or 32-bit part.</summary>
    void Gather(WeightMatrix table, ReadOnlySpan<int> ids, Tensor y);

    /// <summary><c>y[m] = x[rows[m]]</c>; a row may be asked for twice.</summary>
    void GatherRows(Tensor x, ReadOnlySpan<int> rows, Tensor y);

    /// <summary><c>y[rows[m]] = x[m]</c>; rows not named keep their values.</summary>
    void ScatterRows(Tensor x, ReadOnlySpan<int> rows, Tensor y);

    /// <summary>Stores key and value rows of the step's tokens, [M, kvHeads · headDim] each, at <see cref="AttentionLayout.Slots"/>.</summary>
    void WriteKv(KvCache cache, int layer, Tensor k, Tensor v, AttentionLayout layout);

    /// <summary>
    /// Causal attention of the step's queries over the paged KV cache, which holds the step's own tokens already. Query head h reads KV
    /// head h / (heads / kvHeads). Scores are scaled by 1/sqrt(headDim).
    /// </summary>
    /// <param name="q">[M, heads · headDim].</param>
    /// <param name="cache">The cache.</param>
    /// <param name="layer">Which layer of it.</param>
    /// <param name="layout">Which tokens belong to which sequence, and where its context lies.</param>
    /// <param name="y">[M, heads · headDim].</param>
    void PagedAttention(Tensor q, KvCache cache, int layer, AttentionLayout layout, Tensor y);

    /// <summary>
    /// Bidirectional attention within segments (block-diagonal), as a vision encoder needs it: rows of one segment see each other
    /// and nothing else. Scores are scaled by 1/sqrt(headDim).
    /// </summary>
    /// <param name="q">[M, heads · headDim].</param>
    /// <param name="k">As q.</param>
    /// <param name="v">As q.</param>
    /// <param name="headDim">Width of one head.</param>
    /// <param name="segments">Number of rows of each segment, in order; they add up to M.</param>
    /// <param name="y">As q. Must not overlap q, k or v.</param>
    void SegmentAttention(Tensor q, Tensor k, Tensor v, int headDim, ReadOnlySpan<int> segments, Tensor y);

    /// <summary>Gets whether <see cref="ReduceLogits"/> is cheaper than to download the rows.</summary>
    bool ReducesLogits => false;

    /// <summary>
    /// Finds each row's greatest logits and the divisor of its softmax, and copies that to the host. Waits for all operations issued before.
    /// </summary>
    /// <param name="logits">[M, vocabulary].</param>
    /// <param name="result">Reset and filled.</param>
    void ReduceLogits(Tensor logits, TopLogits result)
    {
        result.Reset(logits.Rows, logits.Columns);
        var values = result.HostRow(logits.Columns);
        for (var row = 0; row < logits.Rows; row++)
        {
            Download(logits.SliceRows(row, 1), values);
            result.Read(row, values);
        }
    }

    /// <summary><c>y[M, N] = rmsnorm(x[M, K]) · Wᵀ</c>: <see cref="RmsNorm"/> and <see cref="MatMul"/> in one.</summary>
    /// <param name="x">[M, K].</param>
    /// <param name="gain">[1, K].</param>
    /// <param name="epsilon">Added to the mean of the squares.</param>
    /// <param name="norm">Scratch, [M, K]; what it holds afterwards is open.</param>
    /// <param name="weight">[N, K].</param>
    /// <param name="y">[M, N].</param>
    void NormMatMul(Tensor x, Tensor gain, float epsilon, Tensor norm, WeightMatrix weight, Tensor y)
    {
        RmsNorm(x, gain, epsilon, norm);
        MatMul(norm, weight, y);
    }

    /// <summary><c>y[M, N] = swiglu(gateUp[M, 2K]) · Wᵀ</c>, or added to y: <see cref="SwiGlu"/> and <see cref="MatMul"/> in one.</summary>
    /// <param name="gateUp">[M, 2K].</param>
    /// <param name="active">Scratch, [M, K]; what it holds afterwards is open.</param>
    /// <param name="weight">[N, K].</param>
    /// <param name="y">[M, N].</param>
    /// <param name="accumulate">Whether to add to what is in y.</param>
    void SwiGluMatMul(Tensor gateUp, Tensor active, WeightMatrix weight, Tensor y, bool accumulate)
    {
        SwiGlu(gateUp, active);
        MatMul(active, weight, y, accumulate);
    }

    /// <summary>
    /// <see cref="Rope"/> of queries and keys and <see cref="WriteKv"/> in one: q is rotated in place; what k holds afterwards is open.
    /// </summary>
    void RotateAndWriteKv(Tensor q, Tensor k, Tensor v, Tensor cos, Tensor sin, KvCache cache, int layer, AttentionLayout layout)
    {
        Rope(q, cache.Shape.HeadDim, cos, sin);
        Rope(k, cache.Shape.HeadDim, cos, sin);
        WriteKv(cache, layer, k, v, layout);
    }

    /// <summary>
    /// Runs a pass over the step's tokens. A backend may record what <paramref name="pass"/> issues and, at a later call with the same delegate
    /// and as many tokens, each of a sequence of its own (<see cref="AttentionLayout.IsDecode"/>), issue that again instead of calling it.
    /// </summary>
    /// <param name="layout">Where the pass's tokens live. It may differ from call to call, and must not change during one.</param>
    /// <param name="pass">
    /// Issues, for one number of tokens, the same operations on the same tensors and cache at every call. Nothing in it may come from or go to
    /// the host: no upload, download, gather or scatter; what it reads must have been put there before.
    /// </param>
    void Run(AttentionLayout layout, Action pass) => pass();
}
