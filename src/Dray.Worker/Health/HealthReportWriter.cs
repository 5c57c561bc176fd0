using System.Text.Encodings.Web;
using System.Text.Json;
using Dray.Worker.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dray.Worker.Health;

/// <summary>Writes what the checks found as JSON: a status, and a sentence for each check.</summary>
internal static class HealthReportWriter
{
    private const string MassTransitTag = "masstransit";

    // JSON, never put into a page: apostrophes may stay as they are.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a report as the answer to a request.</summary>
    public static async Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter, Readable);
        writer.WriteStartObject();
        writer.WriteString("status", NameOf(report.Status));
        writer.WriteStartObject("checks");
        foreach (var (name, entry) in report.Entries)
        {
            writer.WriteStartObject(NameOf(name, entry));
            writer.WriteString("status", NameOf(entry.Status));
            writer.WriteString("message", SecretText.Redact(SentenceOf(entry)));
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>What a check is called outside: MassTransit's own is the broker's.</summary>
    public static string NameOf(string name, HealthReportEntry entry) => entry.Tags.Contains(MassTransitTag) ? "broker" : name;

    private static string NameOf(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };

    private static string SentenceOf(HealthReportEntry entry) => entry.Tags.Contains(MassTransitTag)
        ? entry.Status == HealthStatus.Healthy
            ? "The broker is connected."
            : $"The broker is out of reach, or an endpoint isn't ready: {entry.Description}"
        : entry.Description ?? (entry.Status == HealthStatus.Healthy ? "All is well." : "The check failed; the log says why.");
}
