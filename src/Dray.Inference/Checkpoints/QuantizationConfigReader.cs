using System.Buffers;

namespace Dray.Inference.Checkpoints;

/// <summary>
/// <c>quantization_config</c> of auto-round, GPTQ and AWQ. What is absent has the writer's default; what would change the result and is not
/// supported is refused by name; what only describes the tuning is ignored.
/// </summary>
internal static class QuantizationConfigReader
{
    private const string NativeGptq = "gptq";
    private const string NativeAwq = "awq";

    private static readonly SearchValues<char> Metacharacters = SearchValues.Create("*^$|()[]?+\\");

    public static QuantizationConfig Read(ConfigSection section)
    {
        var method = section.Text("quant_method");
        var isAwq = method == NativeAwq;
        var isGptq = method == NativeGptq;
        if (!isAwq && !isGptq && method is not ("auto-round" or "auto_round" or "autoround" or "intel/auto-round"))
            throw section.Refuse("quant_method", "'auto-round', 'gptq' or 'awq'");

        section.Forbid("rotation_configs", "Dray does not rotate activations");
        section.Forbid("rotation_config", "Dray does not rotate activations");
        if (section.Integer("act_bits", 1, 64, 16) < 16)
            throw section.Refuse("act_bits", "16 or more: Dray's activations are not quantized by the checkpoint");
        DemandInteger(section);

        var (name, packing) = ReadPacking(section, isGptq, isAwq);
        var bitsKey = isAwq && section.Has("w_bit") ? "w_bit" : "bits";
        var groupKey = isAwq && section.Has("q_group_size") ? "q_group_size" : "group_size";
        var bits = section.Integer(bitsKey, 1, 64);
        if (!IsSupported(bits) || (packing == PackingFormat.Awq && bits != 4))
            throw section.Refuse(bitsKey, packing == PackingFormat.Awq ? "4, the only width this packing has" : "2, 3, 4 or 8");
        return new QuantizationConfig
        {
            Method = method,
            PackingName = name,
            Packing = packing,
            Default = new LayerScheme(
                bits, ReadGroupSize(section, groupKey, 128), isAwq ? !section.Flag("zero_point", true) : section.Flag("sym", true)),
            Blocks = section.Texts(section.Has("block_name_to_quantize") ? "block_name_to_quantize" : "to_quant_block_names"),
            Overrides = ReadOverrides(section),
        };
    }

    private static (string Name, PackingFormat Format) ReadPacking(ConfigSection section, bool isGptq, bool isAwq)
    {
        if (isAwq)
        {
            var version = section.Text("version", "gemm");
            return version.Equals("gemm", StringComparison.OrdinalIgnoreCase)
                ? (NativeAwq, PackingFormat.Awq)
                : throw section.Refuse("version", "'gemm'");
        }

        if (isGptq)
        {
            if (section.Flag("desc_act", false) && !section.Flag("static_groups", false))
                throw section.Refuse("desc_act", "false: groups of reordered inputs are not supported");
            return section.Text("checkpoint_format", NativeGptq) switch
            {
                NativeGptq => (NativeGptq, PackingFormat.GptqZeroMinusOne),
                "gptq_v2" => ("gptq_v2", PackingFormat.Gptq),
                _ => throw section.Refuse("checkpoint_format", "'gptq' or 'gptq_v2'"),
            };
        }

        var name = section.Text("packing_format", "auto_round:auto_gptq");
        return name switch
        {
            "auto" or "auto_round:gptq" or "auto_round:auto_gptq" or "auto_gptq" => (name, PackingFormat.GptqZeroMinusOne),
            "auto_round" or "auto_round:gptqmodel" => (name, PackingFormat.Gptq),
            "auto_round:awq" or "auto_round:auto_awq" or "auto_awq" => (name, PackingFormat.Awq),
            _ => throw section.Refuse(
                "packing_format", "'auto_round:auto_gptq', 'auto_round', 'auto_round:gptqmodel' or 'auto_round:auto_awq'"),
        };
    }

    private static List<LayerOverride> ReadOverrides(ConfigSection section)
    {
        var overrides = new List<LayerOverride>();
        if (section.Section("extra_config") is { } extra)
        {
            foreach (var name in extra.Keys())
            {
                if (extra.Section(name) is not { } entry) continue;
                entry.Forbid("rotation_config", "Dray does not rotate activations");
                if (entry.Integer("act_bits", 1, 64, 16) < 16)
                    throw entry.Refuse("act_bits", "16 or more: Dray's activations are not quantized by the checkpoint");
                var layer = ReadOverride(entry, name, IsRegex(name));
                if (layer.Bits is null or <= 8) DemandInteger(entry);
                overrides.Add(layer);
            }
        }

        // GPTQModel's own way of saying the same: "+:regex" changes a layer, "-:regex" leaves it alone.
        if (section.Section("dynamic") is { } dynamic)
        {
            foreach (var name in dynamic.Keys())
            {
                var pattern = name is ['+' or '-', ':', ..] ? name[2..] : name;
                if (name.StartsWith("-:", StringComparison.Ordinal))
                    overrides.Add(new LayerOverride(pattern, true, 16, null, null));
                else if (dynamic.Section(name) is { } entry)
                    overrides.Add(ReadOverride(entry, pattern, true));
            }
        }

        overrides.AddRange(section.Texts("modules_to_not_convert").Select(name => new LayerOverride(name, true, 16, null, null)));
        return overrides;
    }

    private static LayerOverride ReadOverride(ConfigSection entry, string pattern, bool isRegex)
    {
        int? bits = entry.Has("bits") ? entry.Integer("bits", 1, 64) : null;
        if (bits is < 16 && !IsSupported(bits.Value))
            throw entry.Refuse("bits", "2, 3, 4, 8, or 16 and more");
        return new LayerOverride(
            pattern,
            isRegex,
            bits,
            entry.Has("group_size") ? ReadGroupSize(entry, "group_size", -1) : null,
            entry.Has("sym") ? entry.Flag("sym", true) : null);
    }

    private static int ReadGroupSize(ConfigSection section, string key, int absent)
    {
        var size = section.Integer(key, -1, ConfigLimits.InnerWidth, absent);
        return size == 0 ? throw section.Refuse(key, "-1 for a whole row, or 1 and more") : size;
    }

    private static void DemandInteger(ConfigSection section)
    {
        var type = section.Text("data_type", "int");
        if (type != "int" && !type.StartsWith("int_", StringComparison.Ordinal))
            throw section.Refuse("data_type", "'int'");
    }

    private static bool IsSupported(int bits) => bits is 2 or 3 or 4 or 8;

    private static bool IsRegex(string name) => name.AsSpan().ContainsAny(Metacharacters);
}
