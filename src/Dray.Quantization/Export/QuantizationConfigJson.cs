using System.Reflection;
using System.Text.Json.Nodes;
using Dray.Quantization.Rounding;

namespace Dray.Quantization.Export;

/// <summary>
/// The <c>quantization_config</c> of an export, with AutoRound's keys in the order that it writes them. What equals AutoRound's defaults is left out,
/// as upstream leaves it out.
/// </summary>
internal static class QuantizationConfigJson
{
    /// <summary>The version of AutoRound whose format this is.</summary>
    private const string FormatVersion = "0.16.1";

    private static readonly QuantizationOptions Standard = new();

    /// <summary>Builds the object.</summary>
    public static JsonObject Of(QuantizationPlan plan, QuantizationOptions options)
    {
        var json = new JsonObject
        {
            ["bits"] = plan.Scheme.Bits,
            ["data_type"] = "int",
            ["group_size"] = plan.Scheme.GroupSize,
            ["sym"] = plan.Scheme.IsSymmetric,
        };
        if (options.Iterations > 0) AddTuning(json, options);
        else json["enable_quanted_input"] = false;
        json["autoround_version"] = FormatVersion;
        json["block_name_to_quantize"] = plan.BlockPrefix;
        json["quant_method"] = "auto-round";
        json["packing_format"] = plan.ZeroMinusOne ? "auto_round:auto_gptq" : "auto_round";
        if (ExtraOf(plan) is { Count: > 0 } extra) json["extra_config"] = extra;
        json["producer"] = $"dray {Version}";
        return json;
    }

    /// <summary>Gets Dray's version.</summary>
    public static string Version { get; } =
        typeof(QuantizationConfigJson).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static void AddTuning(JsonObject json, QuantizationOptions options)
    {
        if (options.Iterations != Standard.Iterations) json["iters"] = options.Iterations;
        if (options.Samples != Standard.Samples) json["nsamples"] = options.Samples;
        if (options.SequenceLength != Standard.SequenceLength) json["seqlen"] = options.SequenceLength;
        if (options.BatchSize != Standard.BatchSize) json["batch_size"] = options.BatchSize;
        if (options.LearningRate is { } rate) json["lr"] = rate;
        if (options.RangeLearningRate is { } rangeRate) json["minmax_lr"] = rangeRate;
        if (options.SavesDeviceMemory) json["low_gpu_mem_usage"] = true;
        if (options.Dataset is { } dataset) json["dataset"] = dataset;
    }

    private static JsonObject ExtraOf(QuantizationPlan plan)
    {
        var extra = new JsonObject();
        foreach (var layer in plan.Blocks.SelectMany(block => block))
        {
            if (layer.KeptType is { } type) extra[layer.StoredName] = new JsonObject { ["bits"] = 16, ["data_type"] = type };
            else if (Difference(layer.Scheme!.Value, plan.Scheme) is { Count: > 0 } difference) extra[layer.StoredName] = difference;
        }

        // A layer outside of the blocks is quantized only where an entry says all about it.
        if (plan.Head is { Scheme: { } scheme } head)
        {
            extra[head.StoredName] = new JsonObject
            {
                ["bits"] = scheme.Bits,
                ["group_size"] = scheme.GroupSize,
                ["sym"] = scheme.IsSymmetric,
                ["data_type"] = "int",
                ["act_bits"] = 16,
            };
        }

        // Readers take a layer's own entry before an expression, so these change nothing; upstream writes them.
        foreach (var (expression, rule) in plan.Patterns)
        {
            var entry = rule.KeepsLayer ? new JsonObject { ["bits"] = 16, ["data_type"] = "float" } : Difference(rule.Over(plan.Scheme), plan.Scheme);
            if (entry.Count > 0) extra.TryAdd(expression, entry);
        }

        return extra;
    }

    private static JsonObject Difference(WeightScheme scheme, WeightScheme standard)
    {
        var json = new JsonObject();
        if (scheme.Bits != standard.Bits) json["bits"] = scheme.Bits;
        if (scheme.GroupSize != standard.GroupSize) json["group_size"] = scheme.GroupSize;
        if (scheme.IsSymmetric != standard.IsSymmetric) json["sym"] = scheme.IsSymmetric;
        return json;
    }
}
