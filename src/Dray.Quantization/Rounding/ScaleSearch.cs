using System.Numerics;
using System.Runtime.InteropServices;
using Dray.Inference.Checkpoints;
using Dray.Inference.Compute.Cpu;

namespace Dray.Quantization.Rounding;

/// <summary>
/// Optimised rounding to nearest, AutoRound's <c>opt_rtn_int_sym</c>: of some two hundred scales around the one that spans a group's weights,
/// each group takes the one with the least squared error, weighted by its inputs' importance. bfloat16 weights are searched in bfloat16, as
/// upstream does; that is coarser, and the results are upstream's.
/// </summary>
internal static class ScaleSearch
{
    private const float SmallestScale = 1e-5f;
    private const float PaddingImportance = 1e-5f;

    /// <summary>Quantizes a layer that has a symmetric scheme.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="importance">Of each input, [K]: the mean over samples of Σ x²; null if all are as important.</param>
    /// <param name="team">The threads.</param>
    /// <exception cref="ArgumentException">A weight isn't finite or too great for fp16 scales, or the scheme isn't symmetric.</exception>
    public static QuantizedWeight Quantize(BlockLayer layer, float[]? importance, ThreadTeam team)
    {
        var weight = QuantizedWeight.For(layer);
        Search(weight, layer, importance, repair: true, team);
        return weight;
    }

    /// <summary>Finds a layer's scales for <see cref="SearchedScales"/>, [N, G], not rounded to fp16; inputs of no importance don't count at all.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="importance">Of each input, [K]: Σ x²; null if all are as important.</param>
    /// <param name="team">The threads.</param>
    /// <exception cref="ArgumentException">A weight isn't finite or too great for fp16 scales, or the scheme isn't symmetric.</exception>
    public static float[] Scales(BlockLayer layer, float[]? importance, ThreadTeam team) =>
        Search(QuantizedWeight.For(layer), layer, importance, repair: false, team);

    /// <summary>Searches, writes the codes and fp16 scales, and returns the scales as found.</summary>
    internal static float[] Search(QuantizedWeight target, BlockLayer layer, float[]? importance, bool repair, ThreadTeam team)
    {
        if (!layer.Scheme!.Value.IsSymmetric)
            throw new ArgumentException($"{layer.Name} has an asymmetric scheme, for which no scales can be searched; round it to nearest.", nameof(layer));
        if (importance is not null) ArgumentOutOfRangeException.ThrowIfNotEqual(importance.Length, layer.Inputs, nameof(importance));
        var scales = new float[target.Scales.Length];
        var threads = CpuOperations.ThreadsFor(team, layer.Outputs, layer.Inputs);
        if (layer.WeightType == DataType.BFloat16)
            team.Run(new Job<BrainFloatArithmetic>(target, layer, importance, repair, scales), threads);
        else
            team.Run(new Job<SingleArithmetic>(target, layer, importance, repair, scales), threads);
        return scales;
    }

    /// <summary>The codes that the farthest weight is stretched or shrunk to, in the order that they are tried; the first is the least code.</summary>
    private static float[] Numerators(int bits)
    {
        double middle = 1 << (bits - 1);
        var range = 0.75 * middle;
        var step = bits == 2 ? 0.01 : 2 * range / 200;
        var count = bits == 2 ? 90 : (int)(range / step);
        return [(float)-middle, .. Enumerable.Range(-count, (2 * count) + 1).Where(i => i != 0).Select(i => (float)-(middle - (step * i)))];
    }

    private readonly struct Job<TArithmetic>(QuantizedWeight target, BlockLayer layer, float[]? importance, bool repair, float[] scales) : ITeamJob
        where TArithmetic : struct, IArithmetic
    {
        private readonly float[] _numerators = Numerators(target.Scheme.Bits);

        public void Execute(TeamShare share)
        {
            // Groups are copied to whole vectors; the padding has weight zero, which costs nothing whatever the scale.
            var width = target.Scheme.GroupWidth(target.Inputs);
            var padded = (width + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;
            var (weights, counts) = (new float[padded], new float[padded]);
            foreach (var (first, end) in share.Of(layer.Outputs))
            {
                for (var group = first * target.Groups; group < end * target.Groups; group++)
                {
                    var (start, length) = target.Span(group);
                    Array.Clear(weights);
                    layer.Weight.AsSpan(start, length).CopyTo(weights);
                    Weigh(weights.AsSpan(0, width), start % layer.Inputs, length, counts.AsSpan(0, width));
                    scales[group] = Best(weights, counts);
                    Encode(group, weights, target.Codes.AsSpan(start, length));
                }
            }
        }

        private static float Reciprocal(float value) => MathF.Abs(value) > 1e-30f ? TArithmetic.Round(1 / value) : 0;

        private static float Error(ReadOnlySpan<Vector<float>> weights, ReadOnlySpan<Vector<float>> counts, float inverse, float scale, float middle)
        {
            var (inverses, scales) = (new Vector<float>(inverse), new Vector<float>(scale));
            var (least, most) = (new Vector<float>(-middle), new Vector<float>(middle - 1));
            var sum = Vector<float>.Zero;
            for (var i = 0; i < weights.Length; i++)
            {
                var code = Vector.ClampNative(Vector.Round(TArithmetic.Round(inverses * weights[i])), least, most);
                var error = TArithmetic.Round(TArithmetic.Round(scales * code) - weights[i]);
                sum += error * error * counts[i];
            }

            return Vector.Sum(sum);
        }

        private void Weigh(ReadOnlySpan<float> weights, int column, int length, Span<float> counts)
        {
            if (importance is null)
            {
                counts.Fill(1);
                return;
            }

            counts.Fill(PaddingImportance);
            importance.AsSpan(column, length).CopyTo(counts);
            if (repair) Repair(weights, counts);
        }

        /// <summary>Inputs that calibration left at zero get the mean of the others; where that are most of a group, its weights count by their size.</summary>
        private void Repair(ReadOnlySpan<float> weights, Span<float> counts)
        {
            var zeros = counts.Count(0f);
            if (zeros > counts.Length / 2)
            {
                var (squares, ofAll) = (0f, 0f);
                foreach (var weight in weights) squares += weight * weight;
                if (target.Scheme.Bits > 3) ofAll = MathF.Sqrt(squares / 32);
                for (var i = 0; i < counts.Length; i++) counts[i] = MathF.Abs(weights[i]) + ofAll;
            }
            else if (zeros > 0)
            {
                var sum = 0f;
                foreach (var count in counts) sum += count;
                counts.Replace(0, sum / (counts.Length - zeros));
            }
        }

        private float Best(float[] weights, float[] counts)
        {
            var (low, high) = layer.FiniteRange(weights);
            var farthest = high == -low ? weights.AsSpan()[weights.AsSpan().IndexOfAny(low, high)] : high > -low ? high : low;
            var reciprocal = Reciprocal(farthest);
            var vectors = MemoryMarshal.Cast<float, Vector<float>>(weights);
            var vectorCounts = MemoryMarshal.Cast<float, Vector<float>>(counts);
            var (best, least) = (0f, float.PositiveInfinity);
            foreach (var numerator in _numerators)
            {
                var inverse = TArithmetic.Round(numerator * reciprocal);
                var scale = Reciprocal(inverse);
                var error = Error(vectors, vectorCounts, inverse, scale, target.Scheme.Middle);
                if (error < least) (best, least) = (scale, error);
            }

            var smallest = TArithmetic.Round(SmallestScale);
            return best < 0 ? MathF.Min(best, -smallest) : MathF.Max(best, smallest);
        }

        private void Encode(int group, float[] weights, Span<byte> codes)
        {
            target.Set(group, new Grid(ScaleFormat.Half.Round(scales[group]), target.Scheme.Middle));
            var divisor = new Vector<float>(scales[group]);
            foreach (ref var vector in MemoryMarshal.Cast<float, Vector<float>>(weights.AsSpan())) vector = TArithmetic.Round(vector / divisor);
            GroupKernel.Encode(weights.AsSpan(0, codes.Length), default, new Grid(1, target.Scheme.Middle), target.Scheme.MaxCode, codes);
        }
    }
}
