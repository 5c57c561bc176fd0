using System.ComponentModel.DataAnnotations;
using Dray.Worker.Events;

namespace Dray.Worker;

/// <summary>A <see cref="WorkerOptions"/> that was checked, and can't change any more.</summary>
internal sealed record WorkerSettings
{
    private const double MostOfConsumerTimeout = 0.9;
    private static readonly TimeSpan LongestDrain = TimeSpan.FromHours(1);

    /// <inheritdoc cref="WorkerOptions.MaxRowsInFlight"/>
    public required int MaxRowsInFlight { get; init; }

    /// <inheritdoc cref="WorkerOptions.ConcurrentChunks"/>
    public required int ConcurrentChunks { get; init; }

    /// <inheritdoc cref="WorkerOptions.ChunkRows"/>
    public required int ChunkRows { get; init; }

    /// <inheritdoc cref="WorkerOptions.ChunkTokens"/>
    public required long ChunkTokens { get; init; }

    /// <inheritdoc cref="WorkerOptions.ChunkTime"/>
    public required TimeSpan ChunkTime { get; init; }

    /// <inheritdoc cref="WorkerOptions.DrainTimeout"/>
    public required TimeSpan DrainTimeout { get; init; }

    /// <inheritdoc cref="WorkerOptions.MaxRows"/>
    public required int MaxRows { get; init; }

    /// <inheritdoc cref="WorkerOptions.MaxLineBytes"/>
    public required int MaxLineBytes { get; init; }

    /// <inheritdoc cref="WorkerOptions.ServedModelNames"/>
    public required IReadOnlyList<string> ServedModelNames { get; init; }

    /// <inheritdoc cref="WorkerOptions.MaxImagesPerRow"/>
    public required int MaxImagesPerRow { get; init; }

    /// <inheritdoc cref="WorkerOptions.MaxImageBytes"/>
    public required int MaxImageBytes { get; init; }

    /// <inheritdoc cref="WorkerOptions.MaxImagePixels"/>
    public required int MaxImagePixels { get; init; }

    /// <inheritdoc cref="WorkerOptions.ImageContainers"/>
    public required IReadOnlyList<string> ImageContainers { get; init; }

    /// <inheritdoc cref="WorkerOptions.ImageHosts"/>
    public required IReadOnlyList<string> ImageHosts { get; init; }

    /// <inheritdoc cref="WorkerOptions.ImageFetchTimeout"/>
    public required TimeSpan ImageFetchTimeout { get; init; }

    /// <inheritdoc cref="WorkerOptions.RowTimeout"/>
    public required TimeSpan? RowTimeout { get; init; }

    /// <inheritdoc cref="WorkerOptions.LivenessTimeout"/>
    public required TimeSpan LivenessTimeout { get; init; }

    /// <summary>Gets where events are posted beside the queue, or null for nowhere.</summary>
    public WebhookSettings? Webhook { get; init; }

    /// <summary>Gets how long to wait before each new attempt at a message whose handling failed.</summary>
    public IReadOnlyList<TimeSpan> MessageRetryDelays { get; init; } =
        [TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)];

    /// <summary>
    /// These settings for a worker on a broker that takes a delivery back after <paramref name="consumerTimeout"/>: a row is given up before
    /// that where no other limit is set.
    /// </summary>
    /// <exception cref="ValidationException">A chunk or row could take longer than the broker waits; the message names the values.</exception>
    public WorkerSettings Within(TimeSpan consumerTimeout)
    {
        var rowTimeout = RowTimeout ?? consumerTimeout / 3;
        var slowest = rowTimeout + (ChunkTime > rowTimeout ? ChunkTime : rowTimeout);
        if (slowest > consumerTimeout * MostOfConsumerTimeout)
        {
            throw new ValidationException(
                $"A delivery could take {slowest} (chunk_time {ChunkTime}, row_timeout {rowTimeout}), but the broker takes it back after " +
                $"{consumerTimeout}, and a tenth of that should stay free; lower chunk_time or row_timeout, or raise consumer_timeout here and at the broker.");
        }

        return this with { RowTimeout = rowTimeout };
    }

    /// <summary>These settings for a worker over an in-memory transport: nobody takes a delivery back, and who stops it doesn't wait.</summary>
    public WorkerSettings Unhurried() => this with { ChunkTime = Timeout.InfiniteTimeSpan, DrainTimeout = TimeSpan.Zero };

    /// <summary>Gets the longest time that a picture may be allowed to take.</summary>
    public static TimeSpan LongestImageFetch { get; } = TimeSpan.FromHours(1);

    /// <summary>Checks and copies options.</summary>
    /// <exception cref="ValidationException">A value is out of range; the message names it.</exception>
    public static WorkerSettings From(WorkerOptions options)
    {
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        if (options.RowTimeout is { } timeout && timeout <= TimeSpan.Zero)
            throw new ValidationException($"RowTimeout is {timeout}; set a time above zero, or nothing for no limit.");
        if (options.ChunkTime <= TimeSpan.Zero)
            throw new ValidationException($"ChunkTime is {options.ChunkTime}; set a time above zero.");
        if (options.DrainTimeout < TimeSpan.Zero || options.DrainTimeout > LongestDrain)
            throw new ValidationException($"DrainTimeout is {options.DrainTimeout}; set zero to {LongestDrain}.");
        if (options.ImageFetchTimeout <= TimeSpan.Zero || options.ImageFetchTimeout > LongestImageFetch)
            throw new ValidationException($"ImageFetchTimeout is {options.ImageFetchTimeout}; set a time above zero, at most {LongestImageFetch}.");
        if (options.ImageHosts.FirstOrDefault(host => !WorkerOptions.IsImageHost(host)) is { } wrong)
            throw new ValidationException($"ImageHosts has '{wrong}'; write a host's name without scheme or path, with a port only if it isn't 443.");
        return new WorkerSettings
        {
            MaxRowsInFlight = options.MaxRowsInFlight,
            ConcurrentChunks = options.ConcurrentChunks,
            ChunkRows = options.ChunkRows,
            ChunkTokens = options.ChunkTokens,
            ChunkTime = options.ChunkTime,
            DrainTimeout = options.DrainTimeout,
            MaxRows = options.MaxRows,
            MaxLineBytes = options.MaxLineBytes,
            ServedModelNames = [.. options.ServedModelNames],
            MaxImagesPerRow = options.MaxImagesPerRow,
            MaxImageBytes = options.MaxImageBytes,
            MaxImagePixels = options.MaxImagePixels,
            ImageContainers = [.. options.ImageContainers],
            ImageHosts = [.. options.ImageHosts],
            ImageFetchTimeout = options.ImageFetchTimeout,
            RowTimeout = options.RowTimeout,
            Webhook = WebhookSettings.From(options, Environment.GetEnvironmentVariable),
            LivenessTimeout = options.LivenessTimeout > TimeSpan.Zero
                ? options.LivenessTimeout
                : throw new ValidationException($"LivenessTimeout is {options.LivenessTimeout}; set a time above zero."),
        };
    }
}
