using System.Globalization;
using System.Text.Json;

namespace Dray.Cli.Labelling;

/// <summary>A line of a batch's output or errors, read as a label.</summary>
internal static class RowAnswer
{
    /// <summary>The code of answers that the limit of tokens cut off.</summary>
    public const string CutOff = "cut_off";

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="options">How was asked.</param>
    /// <returns>The row's number and its label.</returns>
    public static (long Number, Label Label) Read(string line, LabelOptions options)
    {
        using var document = JsonDocument.Parse(line);
        var row = document.RootElement;
        var number = long.Parse(row.GetProperty("custom_id").GetString()!, CultureInfo.InvariantCulture);
        var response = row.GetProperty("response");
        if (response.ValueKind != JsonValueKind.Object) return (number, Failed(row.GetProperty("error")));
        var body = response.GetProperty("body");
        if (body.TryGetProperty("error", out var error)) return (number, Failed(error));
        var choice = body.GetProperty("choices")[0];
        var isWhole = choice.GetProperty("finish_reason").GetString() != "length";
        if (options.Form.IsHeld && !isWhole)
            return (number, new Label(null, null, $"{CutOff}: The answer has more than {options.MaxTokens} tokens and was cut off; raise --max-tokens."));
        var text = choice.GetProperty("message").GetProperty("content") is { ValueKind: JsonValueKind.String } content ? content.GetString()! : "";
        return (number, new Label(text, options.Probability ? ProbabilityOf(choice) : null, null));
    }

    /// <summary>A row that failed.</summary>
    public static Label Failed(string code, string message) => new(null, null, $"{code}: {message}");

    private static Label Failed(JsonElement error) => Failed(error.GetProperty("code").GetString()!, error.GetProperty("message").GetString()!);

    private static double ProbabilityOf(JsonElement choice) =>
        Math.Exp(choice.GetProperty("logprobs").GetProperty("content").EnumerateArray().Sum(token => token.GetProperty("logprob").GetDouble()));
}
