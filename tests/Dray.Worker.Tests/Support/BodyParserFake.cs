using System.Text.Json;
using Dray.Inference;
using Dray.Inference.Tokenization;
using Dray.Worker.Execution;

namespace Dray.Worker.Tests.Support;

/// <summary>Reads the conversation, and leaves sampling at its defaults.</summary>
internal sealed class BodyParserFake : IChatBodyParser
{
    public GenerationRequest Parse(JsonElement body) => new() { Chat = ChatRequest.Parse(body) };
}
