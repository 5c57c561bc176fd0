namespace Dray.Cli.Labelling.Tables;

/// <summary>A row.</summary>
/// <param name="Values">
/// Its values in the order of the columns: null, string, bool, a number, or a <see cref="System.Text.Json.JsonElement"/> for what nests.
/// </param>
/// <param name="Raw">Its bytes in the file, without line end; empty where the format has no such thing.</param>
internal readonly record struct TableRow(object?[] Values, ReadOnlyMemory<byte> Raw);
