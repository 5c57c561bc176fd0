namespace Dray.Worker.Page.Rows;

/// <summary>Which rows of a batch somebody wants to see.</summary>
/// <param name="Outcome">Those that ended so, or null for all.</param>
/// <param name="Code">Of those that failed, the ones with this code; null for all.</param>
/// <param name="Text">Those with this in their name, prompt or answer; empty for all.</param>
public sealed record RowFilter(RowOutcome? Outcome, string? Code, string Text)
{
    private const int MostCharacters = 200;

    /// <summary>Gets every row.</summary>
    public static RowFilter All { get; } = new(null, null, "");

    /// <summary>Gets the word for <see cref="Outcome"/> in a URL.</summary>
    public string Show => Outcome switch
    {
        RowOutcome.Succeeded => "succeeded",
        RowOutcome.Failed => "failed",
        RowOutcome.Unfinished => "unfinished",
        _ => "all",
    };

    /// <summary>The filter of a URL's query; what it doesn't know means all.</summary>
    public static RowFilter Of(string? show, string? code, string? text)
    {
        code = string.IsNullOrEmpty(code) ? null : Cut(code);
        RowOutcome? outcome = code is not null ? RowOutcome.Failed : show switch
        {
            "succeeded" => RowOutcome.Succeeded,
            "failed" => RowOutcome.Failed,
            "unfinished" => RowOutcome.Unfinished,
            _ => null,
        };
        return new RowFilter(outcome, code, Cut((text ?? "").Trim()));
    }

    /// <summary>Whether a row that ended like this is one of them, by all but its text.</summary>
    internal bool Takes(RowAnswer answer) => (Outcome is null || Outcome == answer.Outcome) && (Code is null || Code == answer.Code);

    private static string Cut(string text) => text.Length <= MostCharacters ? text : text[..MostCharacters];
}
