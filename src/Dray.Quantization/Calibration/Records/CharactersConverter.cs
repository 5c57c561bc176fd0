using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dray.Quantization.Calibration.Records;

/// <summary>Writes characters as a text: Parquet.Net gives the texts of lists like that.</summary>
internal sealed class CharactersConverter : JsonConverter<ReadOnlyMemory<char>>
{
    public override ReadOnlyMemory<char> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString().AsMemory();

    public override void Write(Utf8JsonWriter writer, ReadOnlyMemory<char> value, JsonSerializerOptions options) => writer.WriteStringValue(value.Span);
}
