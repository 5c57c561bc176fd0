using Dray.Inference.Checkpoints;
using Dray.Inference.Compute.Cpu;

namespace Dray.Quantization.Rounding;

/// <summary>
/// Rounding to nearest: each group's grid spans its weights, and each weight gets the nearest code. AutoRound's <c>rtn_int_sym</c> and
/// <c>int_asym</c>, the latter in the arithmetic of the weights' own type.
/// </summary>
internal static class RoundToNearest
{
    /// <summary>Quantizes a layer that has a scheme.</summary>
    /// <exception cref="ArgumentException">A weight isn't finite or too great for fp16 scales.</exception>
    public static QuantizedWeight Quantize(BlockLayer layer, ThreadTeam team)
    {
        var weight = QuantizedWeight.For(layer);
        team.Run(new Job(layer, weight), CpuOperations.ThreadsFor(team, layer.Outputs, layer.Inputs));
        return weight;
    }

    private readonly struct Job(BlockLayer layer, QuantizedWeight weight) : ITeamJob
    {
        public void Execute(TeamShare share)
        {
            foreach (var (first, end) in share.Of(layer.Outputs))
            {
                for (var group = first * weight.Groups; group < end * weight.Groups; group++)
                {
                    var (start, length) = weight.Span(group);
                    var weights = layer.Weight.AsSpan(start, length);
                    var (low, high) = layer.FiniteRange(weights);
                    var grid = Nearest(low, high);
                    weight.Set(group, grid);
                    GroupKernel.Encode(weights, default, grid, weight.Scheme.MaxCode, weight.Codes.AsSpan(start, length));
                }
            }
        }

        private Grid Nearest(float low, float high)
        {
            var scheme = weight.Scheme;
            if (scheme.IsSymmetric) return Grid.Symmetric(low, high, scheme.Middle, ScaleFormat.Half);
            var step = layer.WeightType == DataType.BFloat16
                ? BrainFloatArithmetic.Round(BrainFloatArithmetic.Round(high - low) / scheme.MaxCode)
                : (high - low) / scheme.MaxCode;
            return Grid.Asymmetric(low, step, scheme.MaxCode, ScaleFormat.Half);
        }
    }
}
