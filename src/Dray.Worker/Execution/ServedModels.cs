using System.Text.Json;
using Dray.Inference;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Execution;

/// <summary>Which model names requests may ask for, and the name that answers carry.</summary>
internal sealed class ServedModels(IInferenceEngine engine, WorkerSettings settings, ILogger<ServedModels> logger)
{
    private int _noted;

    /// <summary>Gets the name that stands for the model where a request doesn't say.</summary>
    public string DefaultName => Names[0];

    /// <summary>Gets the names that requests may ask for; where the operator set none, the loaded model's, though any name is served then.</summary>
    public IReadOnlyList<string> Names { get; } = settings.ServedModelNames is { Count: > 0 } names ? names : [engine.Model.Name];

    /// <summary>The name that the answer to <paramref name="body"/> carries.</summary>
    /// <exception cref="RequestRejectedException">The body asks for a model that isn't served.</exception>
    public string Resolve(JsonElement body)
    {
        if (!body.TryGetProperty("model", out var model) || model.ValueKind == JsonValueKind.Null) return DefaultName;
        if (model.ValueKind != JsonValueKind.String)
            throw new RequestRejectedException(
                RequestErrorCodes.InvalidRequest, "The field model isn't a string; name the model, or leave the field out.", "model");
        var name = model.GetString()!;
        if (settings.ServedModelNames.Count == 0)
        {
            if (name != engine.Model.Name && Interlocked.Exchange(ref _noted, 1) == 0)
                logger.LogInformation(
                    "No served_model_name is set, so requests for any model are answered by {Model}; the first asked for another one.",
                    engine.Model.Name);
            return DefaultName;
        }

        return settings.ServedModelNames.Contains(name)
            ? name
            : throw new RequestRejectedException(
                RequestErrorCodes.ModelNotFound,
                $"The model '{(name.Length <= 128 ? name : name[..128] + "...")}' isn't served here; ask for '{string.Join("' or '", settings.ServedModelNames)}'.",
                "model");
    }
}
