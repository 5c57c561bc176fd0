using System.Diagnostics.CodeAnalysis;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Names of <see cref="ActivationPrecision"/>: the values of the option <c>activations</c>.</summary>
public static class ActivationPrecisions
{
    private const string Exact = "bf16";
    private const string Bytes = "int8";

    /// <summary>Gets every name, the default first.</summary>
    public static IReadOnlyList<string> Names { get; } = [Exact, Bytes];

    /// <summary>The name of a precision.</summary>
    public static string NameOf(ActivationPrecision precision) => precision == ActivationPrecision.Bits8 ? Bytes : Exact;

    /// <summary>Reads a name.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ActivationPrecision? precision)
    {
        precision = text switch
        {
            Exact => ActivationPrecision.Bits16,
            Bytes => ActivationPrecision.Bits8,
            _ => null,
        };
        return precision is not null;
    }
}
