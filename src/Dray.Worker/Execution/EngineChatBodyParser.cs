using System.Text.Json;
using Dray.Inference;
using Dray.Inference.Sampling;
using Dray.Inference.Tokenization;

namespace Dray.Worker.Execution;

/// <summary>The engine's own reading of a body, over its default sampling.</summary>
internal sealed class EngineChatBodyParser(IInferenceEngine engine) : IChatBodyParser
{
    /// <inheritdoc/>
    public GenerationRequest Parse(JsonElement body) => new()
    {
        Chat = ChatRequest.Parse(body),
        Sampling = SamplingParams.Parse(body, engine.DefaultSampling),
    };
}
