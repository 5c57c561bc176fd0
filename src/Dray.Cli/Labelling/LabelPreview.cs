using Dray.Cli.Commands;
using Dray.Cli.Configuration;
using Dray.Cli.Labelling.Tables;
using Dray.Inference;
using Dray.Worker.Embedded;
using Microsoft.Extensions.Logging;

namespace Dray.Cli.Labelling;

/// <summary>Labels a sample of the rows, to look at and to estimate the whole by; nothing is kept.</summary>
internal sealed class LabelPreview(
    LabelJob job, LabelOptions options, DrayConfiguration configuration, Func<CancellationToken, Task<IInferenceEngine>> loadEngine, ILoggerFactory loggers)
{
    /// <summary>Labels some rows.</summary>
    public async Task<LabelPreviewResult> RunAsync(int rows, IProgress<EmbeddedBatchProgress>? progress, CancellationToken cancellationToken)
    {
        var sample = RowReservoir.Take(job.Table.Rows(), rows, options.Seed);
        if (sample.Count == 0) return new LabelPreviewResult(job.Table.RowCount, [], default, TimeSpan.Zero);
        var folder = Directory.CreateTempSubdirectory("dray-preview-");
        try
        {
            var file = Path.Combine(folder.FullName, "rows.jsonl");
            using var taken = sample.Select(one => one.Row).GetEnumerator();
            var part = LabelPart.Write(job, taken, 1, sample.Count, configuration.Worker.MaxLineBytes, file)!;
            if (part.Refused.Count == part.Rows) return Result(sample, part.Refused.OrderBy(refused => refused.Key).Select(refused => refused.Value), default, TimeSpan.Zero);
            var batch = new EmbeddedBatchOptions
            {
                JobsFile = file,
                OutputFolder = Path.Combine(folder.FullName, "batch"),
                ImageFolder = Path.GetDirectoryName(Path.GetFullPath(options.Data)),
                Worker = configuration.Worker,
                EngineSettings = RunCommand.AnswerSettings(configuration.Engine),
            };
            var summary = await new EmbeddedBatch(batch, loadEngine, loggers).RunAsync(progress, cancellationToken);
            var usage = new LabelUsage(summary.Usage.InputTokens, summary.Usage.OutputTokens);
            return Result(sample, part.Labels(summary.OutputFile, summary.ErrorsFile, options), usage, summary.Elapsed);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private LabelPreviewResult Result(IReadOnlyList<(long Number, TableRow Row)> sample, IEnumerable<Label> labels, LabelUsage usage, TimeSpan elapsed) =>
        new(job.Table.RowCount, [.. sample.Zip(labels, (one, label) => new LabelPreviewRow(one.Number, one.Row.Values, label))], usage, elapsed);
}
