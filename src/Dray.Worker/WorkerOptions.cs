using System.ComponentModel.DataAnnotations;
using Dray.Inference.Vision;
using Dray.Worker.Events;
using Dray.Worker.Images;

namespace Dray.Worker;

/// <summary>What an operator can set of a worker.</summary>
public sealed class WorkerOptions
{
    /// <summary>
    /// Gets or sets how many rows are with the engine at once; enough to keep its prefill batches full. <value>The default value is 64
    /// rows.</value>
    /// </summary>
    [Range(1, 4096)]
    public int MaxRowsInFlight { get; set; } = 64;

    /// <summary>
    /// Gets or sets how many chunks run at once, so that the end of one overlaps the start of the next. <value>The default value is 2
    /// chunks.</value>
    /// </summary>
    [Range(1, 64)]
    public int ConcurrentChunks { get; set; } = 2;

    /// <summary>Gets or sets the most rows of a chunk. <value>The default value is 256 rows.</value></summary>
    [Range(1, 50_000)]
    public int ChunkRows { get; set; } = 256;

    /// <summary>
    /// Gets or sets the most prompt tokens of a chunk, estimated from its bytes. <value>The default value is 262,144 tokens.</value>
    /// </summary>
    [Range(1, long.MaxValue)]
    public long ChunkTokens { get; set; } = 262_144;

    /// <summary>
    /// Gets or sets how long a worker stays at a chunk: what is left then goes back to the queue. It bounds, with <see cref="RowTimeout"/>,
    /// how long a delivery is unacknowledged, whatever the engine's speed. <value>The default value is 10 minutes.</value>
    /// </summary>
    public TimeSpan ChunkTime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Gets or sets how long rows that run may take to end when the worker is told to stop. <value>The default value is 25 seconds: Kubernetes
    /// kills after 30.</value>
    /// </summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>Gets or sets the most rows of a batch. <value>The default value is 50,000 rows.</value></summary>
    [Range(1, 10_000_000)]
    public int MaxRows { get; set; } = 50_000;

    /// <summary>Gets or sets the longest line of an input. <value>The default value is 32 MiB.</value></summary>
    [Range(1024, 512 * 1024 * 1024)]
    public int MaxLineBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>
    /// Gets or sets the model names that rows may ask for, the first being the one that answers carry. <value>Empty by default: any name is
    /// served.</value>
    /// </summary>
    public IReadOnlyList<string> ServedModelNames { get; set; } = [];

    /// <summary>
    /// Gets or sets the most pictures of a row (<c>limit_mm_per_prompt.image</c>). <value>The default value is 4 pictures.</value>
    /// </summary>
    [Range(0, 1024)]
    public int MaxImagesPerRow { get; set; } = 4;

    /// <summary>Gets or sets the largest encoded picture. <value>The default value is 20 MiB.</value></summary>
    [Range(1, 512 * 1024 * 1024)]
    public int MaxImageBytes { get; set; } = 20 * 1024 * 1024;

    /// <summary>
    /// Gets or sets the most pixels of a page that a schedule renders; the engine has its own limit. <value>The default value is
    /// 50,000,000.</value>
    /// </summary>
    [Range(1, 500_000_000)]
    public int MaxImagePixels { get; set; } = ImageOptions.DefaultMaxPixels;

    /// <summary>
    /// Gets or sets the containers of the store's account that rows may name pictures in, as <c>blob://container/name</c>. <value>Empty
    /// by default: none.</value>
    /// </summary>
    public IReadOnlyList<string> ImageContainers { get; set; } = [];

    /// <summary>
    /// Gets or sets the hosts that pictures may be fetched from over https: names, or <c>name:port</c> where the port isn't 443.
    /// <value>Empty by default: none.</value>
    /// </summary>
    public IReadOnlyList<string> ImageHosts { get; set; } = [];

    /// <summary>
    /// Gets or sets how long a picture may take to arrive over https, redirects included. <value>The default value is 20 s.</value>
    /// </summary>
    public TimeSpan ImageFetchTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Gets or sets how long a row may take, or null for as long as it wants. <value>The default value is null.</value></summary>
    public TimeSpan? RowTimeout { get; set; }

    /// <summary>
    /// Gets or sets how long the engine may stand still with work before the worker counts as dead and is to be restarted; longer than
    /// the longest single step. <value>The default value is 5 minutes.</value>
    /// </summary>
    public TimeSpan LivenessTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Gets or sets where events are posted beside the queue, signed as Standard Webhooks says, or null for nowhere. <value>The default
    /// value is null.</value>
    /// </summary>
    [WebhookUrl]
    public string? WebhookUrl { get; set; }

    /// <summary>
    /// Gets or sets the file with the secret that signs what is posted, or null for the variable <c>DRAY_WEBHOOK_SECRET</c>. <value>The
    /// default value is null.</value>
    /// </summary>
    public string? WebhookSecretFile { get; set; }

    /// <summary>Gets or sets whether progress is posted too. <value>The default value is false.</value></summary>
    public bool WebhookProgress { get; set; }

    /// <summary>Whether a text may stand in <see cref="ImageHosts"/>.</summary>
    public static bool IsImageHost(string text) => WebImages.IsHost(text);
}
