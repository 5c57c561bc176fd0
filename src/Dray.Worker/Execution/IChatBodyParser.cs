using System.Text.Json;
using Dray.Inference;

namespace Dray.Worker.Execution;

/// <summary>Reads a chat-completion body into what the engine takes, pictures aside.</summary>
internal interface IChatBodyParser
{
    /// <summary>Reads a body.</summary>
    /// <exception cref="RequestRejectedException">A field is missing or wrong.</exception>
    GenerationRequest Parse(JsonElement body);
}
