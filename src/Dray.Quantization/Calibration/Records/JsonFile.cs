using System.Runtime.InteropServices;
using System.Text.Json;

namespace Dray.Quantization.Calibration.Records;

/// <summary>A JSON file: a list of records, or an object whose members are the records.</summary>
internal static class JsonFile
{
    public static IEnumerable<SourceRecord> Read(string path)
    {
        var bytes = RecordFile.ReadWhole(path, "write one record per line into a .jsonl file");
        using var document = Parse(path, bytes);
        var root = document.RootElement;
        var items = root.ValueKind switch
        {
            JsonValueKind.Array => root.EnumerateArray().AsEnumerable(),
            JsonValueKind.Object => root.EnumerateObject().Select(member => member.Value),
            _ => throw new CalibrationException($"The calibration file '{path}' must hold a JSON list of records, or an object of records."),
        };
        var number = 0L;
        foreach (var item in items)
            yield return new SourceRecord(path, $"item {++number}", JsonMarshal.GetRawUtf8Value(item).ToArray(), IsJson: true);
    }

    private static JsonDocument Parse(string path, byte[] bytes)
    {
        try
        {
            return JsonDocument.Parse(bytes);
        }
        catch (JsonException exception)
        {
            throw new CalibrationException(
                $"The calibration file '{path}' isn't JSON: {exception.Message} A file with a record per line must be named .jsonl.", exception);
        }
    }
}
