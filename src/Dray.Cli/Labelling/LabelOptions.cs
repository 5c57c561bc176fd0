namespace Dray.Cli.Labelling;

/// <summary>What to label, and how.</summary>
internal sealed record LabelOptions
{
    /// <summary>Gets the data file.</summary>
    public required string Data { get; init; }

    /// <summary>Gets the file of the prompt.</summary>
    public required string Prompt { get; init; }

    /// <summary>Gets the file of the system prompt, or null for none.</summary>
    public string? System { get; init; }

    /// <summary>Gets the name of the column to add.</summary>
    public required string Column { get; init; }

    /// <summary>Gets the column with the rows' pictures, or null for none.</summary>
    public string? Image { get; init; }

    /// <summary>Gets what answers must look like.</summary>
    public required LabelForm Form { get; init; }

    /// <summary>Gets the sampling temperature.</summary>
    public double Temperature { get; init; }

    /// <summary>Gets the most tokens of an answer.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Gets the seed of sampling and of a preview's choice of rows.</summary>
    public required int Seed { get; init; }

    /// <summary>Gets a value indicating whether to add the answers' probabilities.</summary>
    public bool Probability { get; init; }
}
