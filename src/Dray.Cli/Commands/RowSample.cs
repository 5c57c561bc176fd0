using Dray.Cli.Configuration;
using Dray.Inference;
using Dray.Worker.Embedded;
using Microsoft.Extensions.Logging;

namespace Dray.Cli.Commands;

/// <summary>Runs the first rows of an input that are fine, on this machine, to find out how long all would take.</summary>
internal sealed class RowSample(string file, DrayConfiguration configuration, ILoggerFactory loggers)
{
    /// <summary>Runs rows.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="refused">Lines that would fail.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<RowSampleResult> RunAsync(int rows, IReadOnlySet<long> refused, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("dray-sample-");
        try
        {
            var options = new EmbeddedBatchOptions
            {
                JobsFile = Path.Combine(folder.FullName, "jobs.jsonl"),
                OutputFolder = Path.Combine(folder.FullName, "out"),
                ImageFolder = Path.GetDirectoryName(Path.GetFullPath(file)),
                Worker = configuration.Worker,
            };
            await File.WriteAllLinesAsync(options.JobsFile, await TakeAsync(rows, refused, cancellationToken), cancellationToken);
            Task<IInferenceEngine> Load(CancellationToken token) => Task.Run<IInferenceEngine>(
                () => InferenceEngine.Load(configuration.Model!, BackendFactory.Create(configuration, loggers), configuration.Engine, loggers), token);
            var summary = await new EmbeddedBatch(options, Load, loggers).RunAsync(cancellationToken: cancellationToken);
            return new RowSampleResult(summary.Counts.Total, summary.Elapsed, summary.CompletionTokensPerSecond);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<List<string>> TakeAsync(int rows, IReadOnlySet<long> refused, CancellationToken cancellationToken)
    {
        var taken = new List<string>();
        long number = 0;
        await foreach (var line in File.ReadLinesAsync(file, cancellationToken))
        {
            if (refused.Contains(++number) || string.IsNullOrWhiteSpace(line)) continue;
            taken.Add(line);
            if (taken.Count == rows) break;
        }

        return taken;
    }
}
