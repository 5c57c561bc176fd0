using Dray.Contracts;

namespace Dray.Worker.Client;

/// <summary>How a batch is to be run.</summary>
public sealed record SubmitOptions
{
    /// <summary>Gets whose rows go first. <value>The default value is normal.</value></summary>
    public JobPriority Priority { get; init; }

    /// <summary>
    /// Gets how long after it was first submitted rows that aren't done expire, whole seconds, or null for never. <value>The default value
    /// is null.</value>
    /// </summary>
    public TimeSpan? Expires { get; init; }

    /// <summary>
    /// Gets how many tokens the batch may use altogether, or null for as many as it wants. It is no part of what the batch is: submitting
    /// again with more goes on. <value>The default value is null.</value>
    /// </summary>
    public long? MaxTokensTotal { get; init; }

    /// <summary>
    /// Gets a name of the submitter's for the batch, which alone decides its id then, or null for an id derived from the input and the
    /// options. <value>The default value is null.</value>
    /// </summary>
    public string? Key { get; init; }

    /// <summary>Gets the id of the uploaded file that the input is a copy of, or null. <value>The default value is null.</value></summary>
    internal string? InputFileId { get; init; }

    /// <summary>Gets pairs that are handed back in the batch object. <value>The default value is null.</value></summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}
