using System.Text.Json;

namespace Dray.Inference.Tokenization;

/// <summary>A function that the model may call.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Description">What it does; empty when the request says nothing.</param>
/// <param name="Parameters">The JSON schema of its arguments, an object, independent of the document it was read from.</param>
public sealed record ChatTool(string Name, string Description, JsonElement Parameters);
