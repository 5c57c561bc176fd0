using System.CommandLine;

namespace Dray.Cli.Commands;

/// <summary><c>dray eval</c>: measures a checkpoint.</summary>
internal static class EvalCommand
{
    public static Command Create() => new("eval", "Measure a checkpoint.")
    {
        EvalPerplexityCommand.Create(), EvalKldCommand.Create(), EvalLogitsCommand.Create(), EvalGenerationKldCommand.Create(),
        EvalReportCommand.Create(),
    };
}
