namespace Dray.Quantization.Calibration;

/// <summary>One source of a calibration mix: a file or a folder of files, and how its records become samples.</summary>
public sealed record DatasetSource
{
    /// <summary>The system prompt of <c>apply_chat_template</c> where none is given, as in AutoRound.</summary>
    public const string DefaultSystemPrompt = "You are a helpful assistant.";

    /// <summary>Gets the path of the file or folder.</summary>
    public required string Path { get; init; }

    /// <summary>Gets the splits of a folder to read, such as <c>train</c>; empty for all files.</summary>
    public IReadOnlyList<string> Splits { get; init; } = [];

    /// <summary>Gets how many samples to take, or null for an even share of what the other sources leave.</summary>
    public int? Count { get; init; }

    /// <summary>Gets whether texts are joined and cut to samples, so that none is too short.</summary>
    public bool Concatenate { get; init; }

    /// <summary>Gets whether plain texts are shown to the model as a user's message.</summary>
    public bool ApplyChatTemplate { get; init; }

    /// <summary>Gets the system prompt of conversations that have none, or null.</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>Gets how many times the source's records are used.</summary>
    public int Repeat { get; init; } = 1;
}
