namespace Dray.Worker.Client;

/// <summary>What a check of an input found.</summary>
public sealed record InputReport
{
    /// <summary>Gets the rows.</summary>
    public required long Rows { get; init; }

    /// <summary>Gets the rows that would fail.</summary>
    public required long Refused { get; init; }

    /// <summary>Gets the rows that repeat an earlier one under another <c>custom_id</c>, and would not run again.</summary>
    public required long Repeated { get; init; }

    /// <summary>Gets the prompt tokens, pictures included, of the rows that would run, repeated ones not counted.</summary>
    public required long PromptTokens { get; init; }

    /// <summary>Gets the tokens of the longest prompt.</summary>
    public required long LongestPrompt { get; init; }

    /// <summary>Gets the line of the longest prompt, from 1, or 0 where no row would run.</summary>
    public required long LongestPromptLine { get; init; }

    /// <summary>Gets the most tokens that those rows could generate; a row without a limit counts with all that its context has room for.</summary>
    public required long MaxCompletionTokens { get; init; }

    /// <summary>Gets how many rows would fail with each code.</summary>
    public required IReadOnlyDictionary<string, long> Codes { get; init; }

    /// <summary>Gets the rows that would run and aren't repeated.</summary>
    public long Runs => Rows - Refused - Repeated;

    /// <summary>Gets the mean of the prompts' tokens.</summary>
    public double MeanPrompt => Runs == 0 ? 0 : (double)PromptTokens / Runs;
}
