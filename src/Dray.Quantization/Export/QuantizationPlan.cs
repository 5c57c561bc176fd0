using System.Globalization;
using Dray.Inference.Checkpoints;
using Dray.Quantization.Rounding;

namespace Dray.Quantization.Export;

/// <summary>What becomes of every linear layer of a checkpoint's decoder.</summary>
internal sealed class QuantizationPlan
{
    private const string WeightSuffix = ".weight";
    private const string FloatType = "float";
    /// <summary>What the configuration calls the data type of a layer whose sizes rule out packing.</summary>
    public const string ShapelessType = "fp";

    private static readonly string[] LayerNames =
    [
        "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj",
    ];

    private readonly WeightScheme _scheme;
    private readonly (LayerPattern Pattern, LayerRule Rule)[] _rules;
    private readonly LayerPattern[] _ignored;

    /// <exception cref="ArgumentException">A pattern is none or matches no layer, or the head is to be quantized and there is none.</exception>
    /// <exception cref="CheckpointException">The source is quantized, or no layer can be.</exception>
    public QuantizationPlan(Checkpoint source, QuantizationOptions options)
    {
        if (source.Config.Quantization is { } done)
        {
            throw new CheckpointException(
                $"{source.Folder}: the checkpoint is quantized already ({done.Method}, {done.Default.Bits} bits); give the one in 16 bits that it was made from.");
        }

        if (!File.Exists(Path.Combine(source.Folder, "config.json")))
        {
            throw new CheckpointException(
                $"{source.Folder}: there is no config.json, only Mistral's own params.json; a quantized checkpoint needs one, so give the folder in transformers' format.");
        }

        if (options.QuantizesHead && source.Config.Text.TiedEmbeddings)
        {
            throw new ArgumentException(
                "The head can't be quantized: in this model it is the embedding table (tie_word_embeddings), which stays as it is. Leave --quant-lm-head out.");
        }

        _scheme = options.Scheme;
        _rules = [.. options.Rules.Select(rule => (new LayerPattern(rule.Pattern), rule))];
        _ignored = [.. options.IgnoredLayers.Select(LayerPattern.OfIgnored)];
        Blocks =
        [
            .. Enumerable.Range(0, source.Config.Text.Layers).Select(
                block => (IReadOnlyList<PlannedLayer>)[.. LayerNames.Select(name => Plan(source, name, $"{ModuleNames.Decoder}layers.{block}.{name}"))]),
        ];
        Head = options.QuantizesHead ? Plan(source, "lm_head", ModuleNames.Head) : null;
        var first = Blocks[0][0];
        BlockPrefix = first.StoredName[..^$".0.{first.Name}".Length];
        RequireMatches();
        if (Quantized.FirstOrDefault() is null)
        {
            throw new CheckpointException(
                $"{source.Folder}: no layer can be quantized: {(Layers.Any(layer => layer.KeptType == ShapelessType)
                    ? $"the sizes of {first.StoredName} ({first.Outputs} by {first.Inputs}) and its like are no multiples of {PackedWeight.WordBits}"
                    : "the patterns leave all of them as they are")}.");
        }
    }

    /// <summary>Gets the linear layers of each block, in the order q, k, v, o, gate, up, down.</summary>
    public IReadOnlyList<IReadOnlyList<PlannedLayer>> Blocks { get; }

    /// <summary>Gets the head where it is quantized, else null.</summary>
    public PlannedLayer? Head { get; }

    /// <summary>Gets what the names of all blocks' layers begin with in the files, such as <c>model.layers</c>.</summary>
    public string BlockPrefix { get; }

    /// <summary>Gets whether words hold zero points minus one, as upstream stores symmetric layers; a zero point of 0 would be lost by it.</summary>
    public bool ZeroMinusOne => Quantized.All(layer => layer.Scheme!.Value.IsSymmetric);

    /// <summary>Gets all layers that were decided about.</summary>
    public IEnumerable<PlannedLayer> Layers => Blocks.SelectMany(block => block).Concat(Head is null ? [] : [Head]);

    /// <summary>Gets the layers that are quantized.</summary>
    public IEnumerable<PlannedLayer> Quantized => Layers.Where(layer => layer.Scheme is not null);

    /// <summary>Gets the scheme that holds without a rule.</summary>
    public WeightScheme Scheme => _scheme;

    /// <summary>Gets the patterns of the rules and the layers to ignore, as regular expressions, with what holds for the layers they match.</summary>
    public IEnumerable<(string Expression, LayerRule Rule)> Patterns => _rules.Select(rule => (rule.Pattern.Expression, rule.Rule))
        .Concat(_ignored.Select(pattern => (pattern.Expression, new LayerRule(pattern.Text, 16, null, null))));

    private PlannedLayer Plan(Checkpoint source, string name, string module)
    {
        var (outputs, inputs) = source.Matrices[module];
        var weight = source.Find(module + WeightSuffix) ?? throw new CheckpointException($"{source.Folder}: the weights of {module} are missing.");
        var layer = new PlannedLayer(name, module, weight.Name[..^WeightSuffix.Length], outputs, inputs, null, null);
        var rule = _rules.LastOrDefault(rule => Matches(rule.Pattern, layer)).Rule ?? new LayerRule("", null, null, null);
        if (rule.KeepsLayer || _ignored.Any(pattern => Matches(pattern, layer))) return layer with { KeptType = FloatType };
        return outputs % PackedWeight.WordBits != 0 || inputs % PackedWeight.WordBits != 0
            ? layer with { KeptType = ShapelessType }
            : layer with { Scheme = rule.Over(_scheme) };
    }

    // A pattern may be written for the names of the files or for those that Dray uses.
    private static bool Matches(LayerPattern pattern, PlannedLayer layer) => pattern.Matches(layer.StoredName) || pattern.Matches(layer.Module);

    private void RequireMatches()
    {
        foreach (var pattern in _rules.Select(rule => rule.Pattern).Concat(_ignored))
        {
            if (Layers.Any(layer => Matches(pattern, layer))) continue;
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"The layer pattern '{pattern.Text}' matches none of the layers that are quantized; their names are like {Blocks[0][^1].StoredName}."));
        }
    }
}
