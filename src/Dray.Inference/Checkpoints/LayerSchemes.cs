using System.Text.RegularExpressions;

namespace Dray.Inference.Checkpoints;

/// <summary>Answers how a layer is stored, from a quantization configuration's default and overrides.</summary>
internal sealed class LayerSchemes
{
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromMilliseconds(200);

    private readonly LayerScheme _default;
    private readonly Dictionary<string, LayerOverride> _exact = new(StringComparer.Ordinal);
    private readonly List<(Regex Expression, LayerOverride Layer)> _expressions = [];

    public LayerSchemes(QuantizationConfig config)
    {
        _default = config.Default;
        foreach (var layer in config.Overrides)
        {
            if (layer.IsRegex)
                _expressions.Add((Compile(layer.Pattern), layer));
            else
                _exact.TryAdd(ModuleNames.Canonical(layer.Pattern), layer);
        }
    }

    /// <summary>How a module is stored.</summary>
    /// <param name="canonical">Its canonical name. The configuration may use any other form of it.</param>
    public LayerScheme Of(string canonical)
    {
        if (_exact.TryGetValue(canonical, out var exact)) return Merge(exact);
        foreach (var (expression, layer) in _expressions)
        {
            if (ModuleNames.Aliases(canonical).Any(name => IsMatch(expression, name))) return Merge(layer);
        }

        return _default;
    }

    private LayerScheme Merge(LayerOverride layer) => new(
        layer.Bits ?? _default.Bits, layer.GroupSize ?? _default.GroupSize, layer.Symmetric ?? _default.Symmetric);

    private static Regex Compile(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant, MatchTimeout);
        }
        catch (ArgumentException exception)
        {
            throw new CheckpointException(
                $"config.json: the layer pattern '{CheckpointException.Excerpt(pattern)}' of quantization_config is no regular " +
                $"expression: {CheckpointException.Excerpt(exception.Message)}", exception);
        }
    }

    private static bool IsMatch(Regex expression, string name)
    {
        try
        {
            return expression.IsMatch(name);
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw new CheckpointException(
                $"config.json: the layer pattern '{CheckpointException.Excerpt(expression.ToString())}' of quantization_config takes " +
                $"longer than {MatchTimeout.TotalMilliseconds} ms on '{name}'; write it without nested repetitions.", exception);
        }
    }
}
