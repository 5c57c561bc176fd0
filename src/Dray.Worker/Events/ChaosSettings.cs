using System.Text.Json;
using System.Text.Json.Serialization;
using Polly;
using Polly.Simmy;
using Polly.Simmy.Fault;
using Polly.Simmy.Latency;

namespace Dray.Worker.Events;

/// <summary>
/// Faults on purpose, for drills: attempts to publish fail, or are slow. Switched on by the variable <see cref="Variable"/> only, so that no
/// configuration file that is copied around can; for example <c>DRAY_CHAOS='{"fault_rate":1,"window_seconds":30,"seed":7}'</c> makes every
/// attempt fail in the first 30 s of publishing.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ChaosSettings
{
    /// <summary>The variable.</summary>
    public const string Variable = "DRAY_CHAOS";

    private static readonly TimeSpan MostLatency = TimeSpan.FromHours(1);

    /// <summary>Gets the share of attempts that fail. <value>The default value is 0.</value></summary>
    [JsonPropertyName("fault_rate")]
    public double FaultRate { get; init; }

    /// <summary>Gets the share of attempts that are slow. <value>The default value is 0.</value></summary>
    [JsonPropertyName("latency_rate")]
    public double LatencyRate { get; init; }

    /// <summary>Gets how long a slow attempt waits before it begins, in seconds. <value>The default value is 1 s.</value></summary>
    [JsonPropertyName("latency_seconds")]
    public double LatencySeconds { get; init; } = 1;

    /// <summary>Gets for how long after the first attempt faults happen, in seconds, or null for as long as the process lives.</summary>
    [JsonPropertyName("window_seconds")]
    public double? WindowSeconds { get; init; }

    /// <summary>Gets the seed of what happens to which attempt. <value>The default value is 0.</value></summary>
    [JsonPropertyName("seed")]
    public int Seed { get; init; }

    /// <summary>Reads the variable's text, or gives null where there is none.</summary>
    /// <exception cref="InvalidDataException">The text isn't such settings.</exception>
    public static ChaosSettings? Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        try
        {
            var settings = JsonSerializer.Deserialize<ChaosSettings>(text) ?? throw new JsonException("null isn't an object.");
            return settings is { FaultRate: >= 0 and <= 1, LatencyRate: >= 0 and <= 1, WindowSeconds: null or >= 0 and < 1e6 }
                && settings.LatencySeconds >= 0 && settings.LatencySeconds <= MostLatency.TotalSeconds
                ? settings
                : throw new JsonException("rates must be from 0 to 1, latency_seconds from 0 to 3600, window_seconds from 0 up.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"${Variable} can't be used: {e.Message} Write JSON such as {{\"fault_rate\":0.5,\"window_seconds\":30,\"seed\":7}}, or unset it.", e);
        }
    }

    /// <summary>Adds the faults; to be called last, so that every other strategy meets them.</summary>
    public void AddTo(ResiliencePipelineBuilder builder, TimeProvider time)
    {
        var random = new Random(Seed);
        var start = time.GetTimestamp();
        builder.AddChaosLatency(new ChaosLatencyStrategyOptions
        {
            Name = "chaos-latency",
            InjectionRate = LatencyRate,
            Latency = TimeSpan.FromSeconds(LatencySeconds),
            Randomizer = Next,
            EnabledGenerator = _ => ValueTask.FromResult(IsOn()),
        });
        builder.AddChaosFault(new ChaosFaultStrategyOptions
        {
            Name = "chaos-fault",
            InjectionRate = FaultRate,
            Randomizer = Next,
            EnabledGenerator = _ => ValueTask.FromResult(IsOn()),
            FaultGenerator = _ => ValueTask.FromResult<Exception?>(new IOException($"This attempt fails because {Variable} says so.")),
        });

        bool IsOn() => WindowSeconds is not { } window || time.GetElapsedTime(start).TotalSeconds < window;

        double Next()
        {
            lock (random) return random.NextDouble();
        }
    }
}
