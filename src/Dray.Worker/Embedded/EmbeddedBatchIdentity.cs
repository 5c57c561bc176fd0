using System.Security.Cryptography;
using System.Text.Json;
using Dray.Inference;

namespace Dray.Worker.Embedded;

/// <summary>
/// The id of an embedded batch: the same input, model and options that answers depend on give the same id, anything else another.
/// </summary>
internal static class EmbeddedBatchIdentity
{
    /// <summary>Changes when the meaning of what is stored does.</summary>
    private const int Format = 1;

    /// <summary>Derives the id.</summary>
    public static string Derive(string inputSha256, ModelIdentity model, object defaultSampling, WorkerSettings settings, string engineSettings)
    {
        var origin = JsonSerializer.SerializeToUtf8Bytes(new
        {
            Format,
            Input = inputSha256,
            Model = model.Digest,
            Sampling = defaultSampling,
            Engine = engineSettings,
            settings.ServedModelNames,
            settings.MaxImagesPerRow,
            settings.MaxImageBytes,
            settings.MaxLineBytes,
            settings.MaxRows,
            settings.RowTimeout,
        });
        return "batch_" + Convert.ToHexStringLower(SHA256.HashData(origin).AsSpan(0, 16));
    }
}
