namespace Dray.Inference.Tokenization;

/// <summary>A call of a tool, made by the model or replayed to it.</summary>
/// <param name="Id">Nine ASCII letters and digits.</param>
/// <param name="Name">The function's name.</param>
/// <param name="Arguments">The arguments as the model wrote them: JSON text, not necessarily valid.</param>
public sealed record ToolCall(string Id, string Name, string Arguments);
