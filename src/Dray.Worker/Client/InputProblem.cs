namespace Dray.Worker.Client;

/// <summary>Why one row of an input would fail.</summary>
/// <param name="Line">Its line, from 1.</param>
/// <param name="CustomId">Its name, or null where it has none of its own.</param>
/// <param name="Code">The code of the error.</param>
/// <param name="Message">The sentence for people.</param>
/// <param name="Param">The field at fault, or null.</param>
public sealed record InputProblem(long Line, string? CustomId, string Code, string Message, string? Param);
