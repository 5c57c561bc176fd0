using System.Globalization;

namespace Dray.Benchmarks.Peers;

/// <summary>The names of the figures, all in tokens per second.</summary>
internal static class Figure
{
    /// <summary>One prompt of 512 tokens.</summary>
    public const string Prompt = "pp512";

    /// <summary>8192 tokens of many prompts, each contender with its best batch.</summary>
    public const string Prefill = "prefill of 8192";

    /// <summary>One sequence, 16 tokens.</summary>
    public const string Decode = "tg16";

    /// <summary>Answers of 32 requests to smollm2-135m, prompts of 128 and answers of 128 tokens.</summary>
    public const string EndToEnd = "smollm2-135m, 32 requests";

    /// <summary>How many sequences decode together, in contexts of 8 tokens, 16 tokens each.</summary>
    public static readonly IReadOnlyList<int> Parallel = [1, 4, 8, 16, 32];

    /// <summary>All of them, in the report's order.</summary>
    public static IEnumerable<string> All => [Prompt, Prefill, Decode, .. Parallel.Select(Decoding), EndToEnd];

    /// <summary>Gets <see cref="Parallel"/> as the contenders' arguments want it.</summary>
    public static string ParallelList => string.Join(',', Parallel);

    /// <summary>The figure of so many sequences that decode together.</summary>
    public static string Decoding(int sequences) => string.Create(CultureInfo.InvariantCulture, $"{sequences} decoding");
}
