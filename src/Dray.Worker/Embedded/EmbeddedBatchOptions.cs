namespace Dray.Worker.Embedded;

/// <summary>A batch to run in this process.</summary>
public sealed class EmbeddedBatchOptions
{
    /// <summary>Gets or sets the JSONL file of rows.</summary>
    public required string JobsFile { get; set; }

    /// <summary>
    /// Gets or sets the folder that <c>output.jsonl</c> and <c>errors.jsonl</c> go to; what a later run needs to resume is under
    /// <c>.dray</c> in it.
    /// </summary>
    public required string OutputFolder { get; set; }

    /// <summary>
    /// Gets or sets the folder that relative paths of pictures are resolved against. <value>Null by default: the folder of <see
    /// cref="JobsFile"/>.</value>
    /// </summary>
    public string? ImageFolder { get; set; }

    /// <summary>
    /// Gets or sets whether to start over where an earlier run of the same batch is there. <value>The default value is false.</value>
    /// </summary>
    public bool Force { get; set; }

    /// <summary>
    /// Gets or sets what else answers depend on, such as how the engine reads pictures: another text makes another batch. <value>Empty by
    /// default.</value>
    /// </summary>
    public string EngineSettings { get; set; } = "";

    /// <summary>Gets or sets the worker's options.</summary>
    public WorkerOptions Worker { get; set; } = new();
}
