using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dray.Cli.Drill;

namespace Dray.Cli.Terminal;

/// <summary>What a drill found, as text or JSON.</summary>
internal static class DrillReport
{
    /// <summary>Writes a line for each invariant.</summary>
    public static async Task WriteAsync(DrillResult result, DrillOptions options, TextWriter output)
    {
        foreach (var invariant in result.Invariants)
            await output.WriteLineAsync(invariant.Holds ? $"ok        {invariant.Name}" : $"VIOLATED  {invariant.Name}: {invariant.Violation}");
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{options.Rows} rows, {options.Workers} workers, {result.Faults.Count} faults of seed {options.Seed}: {result.Undisturbed.TotalSeconds:F0} s undisturbed, {result.Disturbed.TotalSeconds:F0} s with faults."));
    }

    /// <summary>The result as scripts read it.</summary>
    public static JsonObject ToJson(DrillResult result, DrillOptions options) => new()
    {
        ["ok"] = result.Holds,
        ["batch_id"] = result.BatchId,
        ["seed"] = options.Seed,
        ["rows"] = options.Rows,
        ["workers"] = options.Workers,
        ["undisturbed_s"] = Math.Round(result.Undisturbed.TotalSeconds, 3),
        ["disturbed_s"] = Math.Round(result.Disturbed.TotalSeconds, 3),
        ["faults"] = new JsonArray([.. result.Faults.Select(fault => new JsonObject
        {
            ["kind"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(fault.Kind.ToString()),
            ["at_row"] = fault.AtRow,
        })]),
        ["invariants"] = new JsonArray([.. result.Invariants.Select(invariant => new JsonObject
        {
            ["name"] = invariant.Name,
            ["holds"] = invariant.Holds,
            ["violation"] = invariant.Violation,
        })]),
    };
}
