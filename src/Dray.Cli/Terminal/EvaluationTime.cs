using System.Globalization;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Terminal;

/// <summary>Puts into words how far an evaluation's stage has come and how long the rest of it will take, no more often than asked.</summary>
internal sealed class EvaluationTime(TimeProvider time, TimeSpan interval)
{
    private string? _stage;
    private long _start;
    private TimeSpan _last;

    /// <summary>
    /// A sentence such as <c>Perplexity: 120 of 592 chunks, 1030 tokens/s, 00:03:50 left</c>, or null where the last one is too recent and this is
    /// neither the first nor the last of its stage.
    /// </summary>
    public string? Describe(EvaluationProgress value)
    {
        if (value.Stage != _stage || value.Done == 0) (_stage, _start, _last) = (value.Stage, time.GetTimestamp(), -interval);
        var elapsed = time.GetElapsedTime(_start);
        if (value.Done < value.Total && elapsed < _last + interval) return null;
        _last = elapsed;
        var text = string.Create(CultureInfo.InvariantCulture, $"{value.Stage}: {value.Done} of {value.Total} {value.Unit}");
        if (value.Done == 0 || elapsed <= TimeSpan.Zero) return text;
        if (value.Tokens > 0) text += string.Create(CultureInfo.InvariantCulture, $", {value.Tokens / elapsed.TotalSeconds:F0} tokens/s");
        return value.Done == value.Total ? text : $"{text}, {elapsed / value.Done * (value.Total - value.Done):hh\\:mm\\:ss} left";
    }
}
