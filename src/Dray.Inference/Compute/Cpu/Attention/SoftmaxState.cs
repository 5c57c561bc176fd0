namespace Dray.Inference.Compute.Cpu;

/// <summary>The running softmax of some query rows over some keys (Milakov and Gimelshein 2018; FlashAttention).</summary>
/// <remarks>
/// <code>
///  outputs [rows][width]   Σ 2^(score − highest) · value
///  sums    [rows][16]      Σ 2^(score − highest), lane by lane
///  highest [rows]
/// </code>
/// Scores are in units of log 2.
/// </remarks>
internal readonly unsafe struct SoftmaxState<TSimd, TVec>
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    /// <summary>Distance between rows of sums.</summary>
    public const int SumStride = 16;

    private readonly int _rows;
    private readonly int _width;

    /// <summary>A state in <paramref name="memory"/>, which holds one already or is to be cleared.</summary>
    public SoftmaxState(int rows, int width, float* memory)
    {
        _rows = rows;
        _width = width;
        Outputs = memory;
        Sums = Outputs + (rows * width);
        Highest = Sums + (rows * SumStride);
    }

    public float* Outputs { get; }

    public float* Sums { get; }

    public float* Highest { get; }

    /// <summary>Floats that a state takes.</summary>
    public static int Floats(int rows, int width) => rows * (width + SumStride + 1);

    /// <summary>Begins with no keys.</summary>
    public void Clear()
    {
        new Span<float>(Outputs, _rows * (_width + SumStride)).Clear();
        new Span<float>(Highest, _rows).Fill(float.NegativeInfinity);
    }

    /// <summary>Adds the keys of <paramref name="later"/>. A row that saw none there stays as it is.</summary>
    public void Join(in SoftmaxState<TSimd, TVec> later)
    {
        for (var row = 0; row < _rows; row++)
        {
            if (later.Highest[row] == float.NegativeInfinity) continue;
            var highest = MathF.Max(Highest[row], later.Highest[row]);
            var decay = Elementary<TSimd, TVec>.Exp2(TSimd.Broadcast(Highest[row] - highest));
            var factor = Elementary<TSimd, TVec>.Exp2(TSimd.Broadcast(later.Highest[row] - highest));
            Highest[row] = highest;
            Join(Outputs + (row * _width), later.Outputs + (row * _width), _width, decay, factor);
            Join(Sums + (row * SumStride), later.Sums + (row * SumStride), TSimd.Lanes, decay, factor);
        }
    }

    /// <summary>Multiplies all outputs.</summary>
    public void Multiply(float factor)
    {
        if (factor == 1) return;
        for (var i = 0; i < _rows * _width; i += TSimd.Lanes)
            TSimd.Store(Outputs + i, TSimd.Multiply(TSimd.Load(Outputs + i), TSimd.Broadcast(factor)));
    }

    /// <summary>Writes a row's result.</summary>
    public void Finish(int row, float* target, int headDim)
    {
        var source = Outputs + (row * _width);
        var scale = 1 / TSimd.Sum(TSimd.Load(Sums + (row * SumStride)));
        var d = 0;
        for (; d + TSimd.Lanes <= headDim; d += TSimd.Lanes) TSimd.Store(target + d, TSimd.Multiply(TSimd.Load(source + d), TSimd.Broadcast(scale)));
        for (; d < headDim; d++) target[d] = source[d] * scale;
    }

    private static void Join(float* target, float* later, int count, TVec decay, TVec factor)
    {
        for (var i = 0; i < count; i += TSimd.Lanes)
            TSimd.Store(target + i, TSimd.MultiplyAdd(TSimd.Load(later + i), factor, TSimd.Multiply(TSimd.Load(target + i), decay)));
    }
}
