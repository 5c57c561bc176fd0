using Dray.Inference.Compute.Cpu;

namespace Dray.Quantization.Rounding;

/// <summary>
/// One layer's trained rounding: an offset V per weight and two scale parameters per group, moved by the signs of their gradients, where
/// rounding counts as the identity. Results don't depend on the number of threads.
/// </summary>
/// <remarks>A step reads 12 bytes and writes 5 per weight; a group's weights stay in the first cache from its gradient to its new codes.</remarks>
internal sealed class FakeQuantizer
{
    private readonly BlockLayer _layer;
    private readonly ThreadTeam _team;
    private readonly QuantizedWeight _best;

    /// <summary>Rounds the layer to nearest.</summary>
    /// <param name="layer">The layer; its weights must not change from now on.</param>
    /// <param name="team">The threads.</param>
    /// <param name="scales">For a symmetric scheme, scales found beforehand, [N, G]; null to begin with the weights' range.</param>
    /// <param name="format">How scales are kept.</param>
    /// <exception cref="ArgumentException">A weight isn't finite or too great for fp16 scales.</exception>
    public FakeQuantizer(BlockLayer layer, ThreadTeam team, float[]? scales = null, ScaleFormat format = default)
    {
        (_layer, _team) = (layer, team);
        (Quantized, _best) = (QuantizedWeight.For(layer), QuantizedWeight.For(layer));
        Parameters = scales is null ? OfRange(format) : new SearchedScales(scales, Quantized.Scheme.Middle, format);
        Offsets = new float[layer.Weight.Length];
        Forward();
        Keep();
    }

    /// <summary>Gets the rounded weights as the parameters have them.</summary>
    public QuantizedWeight Quantized { get; }

    /// <summary>Gets V, [N, K], in units of codes; begins at 0.</summary>
    public float[] Offsets { get; }

    /// <summary>Gets α and β.</summary>
    public ScaleParameters Parameters { get; }

    /// <summary>Rounds anew, after parameters were changed from outside: <see cref="Step"/> does so itself.</summary>
    public void Forward() => Run(new ForwardJob(this));

    /// <summary>
    /// Moves the parameters against the signs of their gradients and rounds anew, so that <see cref="Quantized"/> is the next iteration's.
    /// </summary>
    /// <param name="gradient">dL/dW of the rounded weights, [N, K].</param>
    /// <param name="rate">How far V moves.</param>
    /// <param name="scaleRate">How far α and β move.</param>
    public void Step(ReadOnlySpan<float> gradient, float rate, float scaleRate)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(gradient.Length, Offsets.Length);
        Run(new StepJob(this, gradient, rate, scaleRate));
    }

    /// <summary>The gradients that <see cref="Step"/> takes the signs of.</summary>
    /// <param name="gradient">dL/dW of the rounded weights, [N, K].</param>
    /// <param name="offsets">Receives dL/dV, [N, K].</param>
    /// <param name="alpha">Receives dL/dα, [N, G].</param>
    /// <param name="beta">Receives dL/dβ, [N, G].</param>
    public void Gradients(ReadOnlySpan<float> gradient, Span<float> offsets, Span<float> alpha, Span<float> beta)
    {
        for (var group = 0; group < alpha.Length; group++)
        {
            var (start, length) = Quantized.Span(group);
            var weights = _layer.Weight.AsSpan(start, length);
            var d = gradient.Slice(start, length);
            var grid = Parameters.GridOf(group);
            var byGrid = GroupKernel.Step(weights, Offsets.AsSpan(start, length), d, grid, Quantized.Scheme.MaxCode, 0);
            (alpha[group], beta[group]) = Parameters.Gradient(group, grid, byGrid);
            for (var i = 0; i < length; i++)
            {
                var code = MathF.Round((weights[i] / grid.Scale) + Offsets[start + i]) + grid.Zero;
                offsets[start + i] = code <= 0 || code >= Quantized.Scheme.MaxCode ? 0 : d[i] * grid.Scale;
            }
        }
    }

    /// <summary>Remembers the rounded weights as the best so far.</summary>
    public void Keep() => Quantized.CopyTo(_best);

    /// <summary>Brings the rounded weights back that were kept last; the parameters stay, and are of no use from here on.</summary>
    public void Restore() => _best.CopyTo(Quantized);

    private ScaleParameters OfRange(ScaleFormat format)
    {
        var groups = Quantized.Scales.Length;
        var (low, high) = (new float[groups], new float[groups]);
        Run(new RangeJob(this, low, high));
        var scheme = Quantized.Scheme;
        return scheme.IsSymmetric ? new SymmetricScales(low, high, scheme.Middle, format) : new AsymmetricScales(low, high, scheme.MaxCode, format);
    }

    private void Run<TJob>(TJob job)
        where TJob : struct, ITeamJob, allows ref struct => _team.Run(job, CpuOperations.ThreadsFor(_team, _layer.Outputs, _layer.Inputs));

    private void Encode(int group, int start, int length)
    {
        var grid = Parameters.GridOf(group);
        Quantized.Set(group, grid);
        GroupKernel.Encode(
            _layer.Weight.AsSpan(start, length), Offsets.AsSpan(start, length), grid, Quantized.Scheme.MaxCode, Quantized.Codes.AsSpan(start, length));
    }

    private readonly struct RangeJob(FakeQuantizer owner, float[] low, float[] high) : ITeamJob
    {
        public void Execute(TeamShare share)
        {
            var groups = owner.Quantized.Groups;
            foreach (var (first, end) in share.Of(owner._layer.Outputs))
            {
                for (var group = first * groups; group < end * groups; group++)
                {
                    var (start, length) = owner.Quantized.Span(group);
                    (low[group], high[group]) = owner._layer.FiniteRange(owner._layer.Weight.AsSpan(start, length));
                }
            }
        }
    }

    private readonly struct ForwardJob(FakeQuantizer owner) : ITeamJob
    {
        public void Execute(TeamShare share)
        {
            var groups = owner.Quantized.Groups;
            foreach (var (first, end) in share.Of(owner._layer.Outputs))
            {
                for (var group = first * groups; group < end * groups; group++)
                {
                    var (start, length) = owner.Quantized.Span(group);
                    owner.Encode(group, start, length);
                }
            }
        }
    }

    private readonly ref struct StepJob(FakeQuantizer owner, ReadOnlySpan<float> gradient, float rate, float scaleRate) : ITeamJob
    {
        private readonly ReadOnlySpan<float> _gradient = gradient;

        public void Execute(TeamShare share)
        {
            var (groups, maxCode) = (owner.Quantized.Groups, owner.Quantized.Scheme.MaxCode);
            foreach (var (first, end) in share.Of(owner._layer.Outputs))
            {
                for (var group = first * groups; group < end * groups; group++)
                {
                    var (start, length) = owner.Quantized.Span(group);
                    var grid = owner.Quantized.GridOf(group);
                    var byGrid = GroupKernel.Step(
                        owner._layer.Weight.AsSpan(start, length), owner.Offsets.AsSpan(start, length), _gradient.Slice(start, length), grid, maxCode, rate);
                    owner.Parameters.Step(group, grid, byGrid, scaleRate);
                    owner.Encode(group, start, length);
                }
            }
        }
    }
}
