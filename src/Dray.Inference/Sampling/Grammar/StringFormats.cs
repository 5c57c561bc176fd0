namespace Dray.Inference.Sampling.Grammar;

/// <summary>JSON Schema's string formats as patterns. Each is a part of what the format allows, so that any reader takes it.</summary>
internal static class StringFormats
{
    // Years from 1000 on, so that no reader's earliest or latest date is passed whatever the offset; 29 February in leap years only.
    private const string Year = "(?:1[0-9]|[2-8][0-9]|9[0-8])[0-9][0-9]";
    private const string LeapYear =
        "(?:(?:1[0-9]|[2-8][0-9]|9[0-8])(?:0[48]|[2468][048]|[13579][26])|(?:1[26]|[2468][048]|[3579][26])00)";

    private const string Date =
        $"(?:{Year}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))" +
        $"|{LeapYear}-02-29)";

    private const string Time = @"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])";
    private const string Label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?";

    private static readonly Dictionary<string, string> Patterns = new(StringComparer.Ordinal)
    {
        ["date"] = $"^{Date}$",
        ["date-time"] = $"^{Date}T{Time}$",
        ["time"] = $"^{Time}$",
        ["uuid"] = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
        ["email"] = $@"^[A-Za-z0-9_+-]{{1,32}}(?:\.[A-Za-z0-9_+-]{{1,32}}){{0,2}}@(?:{Label}\.){{1,4}}[A-Za-z]{{2,20}}$",
    };

    /// <summary>The pattern of a format, or null where the format isn't supported.</summary>
    public static string? Pattern(string format) => Patterns.GetValueOrDefault(format);

    /// <summary>The formats that are supported, for an error message.</summary>
    public static string Names => string.Join(", ", Patterns.Keys);
}
