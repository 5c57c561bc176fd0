using System.Text.Json;
using Dray.Contracts;

namespace Dray.Worker.Schedules;

/// <summary>What an operator can set of a schedule, which captions the pictures of a place again and again.</summary>
public sealed record ScheduleOptions
{
    /// <summary>The most characters of <see cref="Name"/>.</summary>
    public const int MaxNameLength = 64;

    /// <summary>Gets the name, by which the store knows the schedule: letters, digits and <c>-</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Gets when it fires.</summary>
    public required FireTimes Times { get; init; }

    /// <summary>Gets where the pictures are.</summary>
    public required PicturePlace Source { get; init; }

    /// <summary>
    /// Gets which pictures: file names with <c>*</c> and <c>?</c>, in any folder below the source, whatever their case. <value>By default all kinds
    /// that can be read.</value>
    /// </summary>
    public IReadOnlyList<string> Include { get; init; } = PictureNames.All;

    /// <summary>Gets what to ask of each picture; <c>{name}</c>, <c>{path}</c> and <c>{page}</c> stand for the picture's.</summary>
    public required string Prompt { get; init; }

    /// <summary>Gets the system prompt, or null for none. <value>The default value is null.</value></summary>
    public string? SystemPrompt { get; init; }

    /// <summary>Gets the JSON schema that answers keep to, or null for free text. <value>The default value is null.</value></summary>
    public JsonElement? Schema { get; init; }

    /// <summary>Gets further fields of each request's body, such as <c>max_tokens</c>. <value>Empty by default.</value></summary>
    public IReadOnlyDictionary<string, JsonElement> Sampling { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Gets where the captions go, or null for beside the pictures. <value>The default value is null.</value></summary>
    public PicturePlace? Output { get; init; }

    /// <summary>
    /// Gets whether each picture gets a file of its own, <c>NAME.png.json</c>, beside the firing's one file for all. <value>The default value
    /// is true.</value>
    /// </summary>
    public bool Sidecars { get; init; } = true;

    /// <summary>Gets what becomes of missed fire times. <value>The default value is one firing for all of them.</value></summary>
    public MissedFires Missed { get; init; }

    /// <summary>
    /// Gets at how many later firings a picture that failed is tried again, before it is left alone until it changes. <value>The default value
    /// is 3.</value>
    /// </summary>
    public int Retries { get; init; } = 3;

    /// <summary>Gets whose rows go first. <value>The default value is low: people who wait go before a schedule.</value></summary>
    public JobPriority Priority { get; init; } = JobPriority.Low;

    /// <summary>Whether a text may be a schedule's name.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= MaxNameLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
