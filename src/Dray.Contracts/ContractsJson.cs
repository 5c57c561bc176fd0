using System.Text.Encodings.Web;
using System.Text.Json;

namespace Dray.Contracts;

/// <summary>How messages, events and documents are written: one line, snake_case names, UTF-8 text left readable.</summary>
public static class ContractsJson
{
    /// <summary>Gets the options; reads and writes every type of this assembly, without reflection.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = ContractsJsonContext.Default,
        };
        options.MakeReadOnly();
        return options;
    }
}
