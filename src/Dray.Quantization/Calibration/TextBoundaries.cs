using System.Text.Json;

namespace Dray.Quantization.Calibration;

/// <summary>Which special tokens a model's tokenizer puts around a plain text by default.</summary>
/// <param name="Bos">Whether the text begins with the start token.</param>
/// <param name="Eos">Whether the text ends with the end token.</param>
public readonly record struct TextBoundaries(bool Bos, bool Eos)
{
    /// <summary>Gets what Mistral's tokenizers do: the start token only.</summary>
    public static TextBoundaries Default => new(Bos: true, Eos: false);

    /// <summary>
    /// Reads <c>add_bos_token</c> and <c>add_eos_token</c> of a model's tokenizer_config.json; <see cref="Default"/> where the file or
    /// the key is missing.
    /// </summary>
    /// <exception cref="CalibrationException">The file isn't JSON, or a key is neither true nor false.</exception>
    public static TextBoundaries Of(string modelFolder)
    {
        var path = Path.Combine(modelFolder, "tokenizer_config.json");
        if (!File.Exists(path)) return Default;
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return new TextBoundaries(
                Flag(path, document.RootElement, "add_bos_token", Default.Bos), Flag(path, document.RootElement, "add_eos_token", Default.Eos));
        }
        catch (JsonException exception)
        {
            throw new CalibrationException($"The tokenizer's settings '{path}' aren't JSON: {exception.Message}", exception);
        }
    }

    private static bool Flag(string path, JsonElement settings, string key, bool fallback)
    {
        if (settings.ValueKind != JsonValueKind.Object || !settings.TryGetProperty(key, out var value)) return fallback;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Null => fallback,
            _ => throw new CalibrationException($"The tokenizer's settings '{path}' have a '{key}' that is neither true nor false; correct it."),
        };
    }
}
