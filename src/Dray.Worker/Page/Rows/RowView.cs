namespace Dray.Worker.Page.Rows;

/// <summary>A row with its answer, as the page shows it.</summary>
public sealed record RowView
{
    /// <summary>Gets its number, from 1.</summary>
    public required long Number { get; init; }

    /// <summary>Gets its name.</summary>
    public required string CustomId { get; init; }

    /// <summary>Gets the messages of its prompt; empty where the line isn't a row.</summary>
    public required IReadOnlyList<RowMessage> Messages { get; init; }

    /// <summary>Gets the input's line beside what the messages show, as indented JSON: tools, schema, sampling. Null in lists.</summary>
    public string? Request { get; init; }

    /// <summary>Gets what became of it.</summary>
    public RowOutcome Outcome { get; init; }

    /// <summary>Gets the texts of its answer, one for each choice.</summary>
    public IReadOnlyList<string> Answers { get; init; } = [];

    /// <summary>Gets the tools that its answer calls.</summary>
    public IReadOnlyList<RowToolCall> ToolCalls { get; init; } = [];

    /// <summary>Gets why the answer ended.</summary>
    public string? FinishReason { get; init; }

    /// <summary>Gets the tokens of its prompt.</summary>
    public int PromptTokens { get; init; }

    /// <summary>Gets the tokens of its answer.</summary>
    public int CompletionTokens { get; init; }

    /// <summary>Gets the code of its error.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Gets what its error says.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Gets the number of the earlier row whose answer it has, because it asks the same; or null.</summary>
    public long? SameAs { get; init; }

    /// <summary>Gets what the user asked last.</summary>
    public string Question => (Messages.LastOrDefault(message => message.Role == "user") ?? (Messages is [.., var last] ? last : null))?.Text ?? "";

    /// <summary>Gets all its pictures.</summary>
    public IEnumerable<RowPicture> Pictures => Messages.SelectMany(message => message.Pictures);
}
