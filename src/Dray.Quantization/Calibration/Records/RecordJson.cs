using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dray.Quantization.Calibration.Records;

/// <summary>Writes the rows of tables as JSON, so that every record is read in the same way.</summary>
internal static class RecordJson
{
    /// <summary>Gets how values are written: characters as they are, and numbers that JSON lacks as texts.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new CharactersConverter() },
    };

    /// <summary>A row's fields as a JSON object.</summary>
    public static byte[] Bytes<T>(T fields) => JsonSerializer.SerializeToUtf8Bytes(fields, Options);
}
