using System.Globalization;
using Dray.Quantization.Rounding;

namespace Dray.Quantization;

/// <summary>What holds for the layers whose names a pattern matches, as <c>mlp.down_proj:bits=8,group_size=64,sym=false</c> says it.</summary>
/// <param name="Pattern">A part of the name, or a regular expression that is searched in it.</param>
/// <param name="Bits">Bits of a code, or 16 where the layer stays as it is; null where the checkpoint's hold.</param>
/// <param name="GroupSize">Inputs that share a scale, -1 for a whole row; null where the checkpoint's hold.</param>
/// <param name="IsSymmetric">Whether zero points are in the middle; null where the checkpoint's choice holds.</param>
public sealed record LayerRule(string Pattern, int? Bits, int? GroupSize, bool? IsSymmetric)
{
    private const int KeptBits = 16;

    /// <summary>Gets whether the layers stay as they are.</summary>
    public bool KeepsLayer => Bits >= KeptBits;

    /// <summary>The scheme of a layer that the rule matches.</summary>
    public WeightScheme Over(WeightScheme scheme) => new(Bits ?? scheme.Bits, GroupSize ?? scheme.GroupSize, IsSymmetric ?? scheme.IsSymmetric);

    /// <summary>Reads a rule.</summary>
    /// <exception cref="ArgumentException">The text is no rule; the message shows one.</exception>
    public static LayerRule Parse(string text)
    {
        // Regular expressions may hold colons, values don't.
        var colon = text.LastIndexOf(':');
        if (colon < 1 || colon == text.Length - 1) throw Malformed(text);
        var rule = new LayerRule(text[..colon], null, null, null);
        foreach (var assignment in text[(colon + 1)..].Split(',', StringSplitOptions.TrimEntries))
        {
            rule = assignment.Split('=', StringSplitOptions.TrimEntries) switch
            {
                ["bits", var value] when Number(value) is { } bits => rule with { Bits = bits },
                ["group_size", var value] when Number(value) is { } size => rule with { GroupSize = size },
                ["sym", var value] when bool.TryParse(value, out var symmetric) => rule with { IsSymmetric = symmetric },
                _ => throw Malformed(text),
            };
        }

        return rule;
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static ArgumentException Malformed(string text) => new(
        $"The layer rule '{text}' is not understood; write a pattern, a colon and any of bits, group_size and sym, such as " +
        "'mlp.down_proj:bits=8,group_size=64' or 'layers.0.:bits=16'.");
}
