namespace Dray.Worker.Schedules;

/// <summary>Why a picture has no caption.</summary>
/// <param name="Code">One of the contracts' error codes.</param>
/// <param name="Message">A sentence.</param>
internal sealed record CaptionError(string Code, string Message);
