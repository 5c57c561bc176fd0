using System.Text.Json;
using Dray.Inference;

namespace Dray.Worker.Http;

/// <summary>Whether an answer is sent piece by piece, and with what.</summary>
/// <param name="Streams"><c>stream</c>.</param>
/// <param name="IncludeUsage"><c>stream_options.include_usage</c>.</param>
internal readonly record struct StreamOptions(bool Streams, bool IncludeUsage)
{
    /// <summary>Reads the fields of a body.</summary>
    /// <exception cref="RequestRejectedException">A field is of the wrong kind, or there are options without a stream.</exception>
    public static StreamOptions Read(JsonElement body)
    {
        var streams = Flag(body, "stream", "stream");
        if (!body.TryGetProperty("stream_options", out var options) || options.ValueKind == JsonValueKind.Null) return new StreamOptions(streams, false);
        if (!streams) throw Refuse("'stream_options' is only for answers that stream; set 'stream' to true, or leave it out.", "stream_options");
        if (options.ValueKind != JsonValueKind.Object) throw Refuse("'stream_options' must be an object, such as {\"include_usage\": true}.", "stream_options");
        return new StreamOptions(true, Flag(options, "include_usage", "stream_options.include_usage"));
    }

    private static bool Flag(JsonElement holder, string name, string path)
    {
        if (!holder.TryGetProperty(name, out var flag)) return false;
        return flag.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False or JsonValueKind.Null => false,
            _ => throw Refuse($"'{path}' must be true or false.", path),
        };
    }

    private static RequestRejectedException Refuse(string message, string param) => new(RequestErrorCodes.InvalidRequest, message, param);
}
