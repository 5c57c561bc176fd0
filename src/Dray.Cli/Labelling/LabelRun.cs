using System.Security.Cryptography;
using System.Text;
using Dray.Cli.Commands;
using Dray.Cli.Configuration;
using Dray.Cli.Labelling.Agreement;
using Dray.Cli.Labelling.Tables;
using Dray.Inference;
using Dray.Worker;
using Dray.Worker.Embedded;
using Microsoft.Extensions.Logging;

namespace Dray.Cli.Labelling;

/// <summary>
/// Labels a data file: its rows run in parts, each a batch of the embedded worker, and the output is written once all are done. Running it again goes on
/// where the last run ended, however it ended; a part whose rows, prompt, options or model changed is done anew.
/// </summary>
/// <param name="job">The data and what to ask.</param>
/// <param name="options">How to ask.</param>
/// <param name="configuration">Engine and worker.</param>
/// <param name="loadEngine">Loads the engine, once there is something to do.</param>
/// <param name="loggers">Where to log to.</param>
internal sealed class LabelRun(
    LabelJob job, LabelOptions options, DrayConfiguration configuration, Func<CancellationToken, Task<IInferenceEngine>> loadEngine, ILoggerFactory loggers)
{
    /// <summary>Rows of a part: enough that its start and end don't show, few enough to be held in memory.</summary>
    private const int DefaultPartRows = 20_000;

    /// <summary>Gets the most rows of a part.</summary>
    public int PartRows { get; init; } = DefaultPartRows;

    /// <summary>Gets what to compare labels with, or null for nothing.</summary>
    public GoldColumn? Gold { get; init; }

    /// <summary>Labels all rows.</summary>
    /// <param name="output">The file to write.</param>
    /// <param name="force">Whether to replace a file that is there.</param>
    /// <param name="progress">Where to tell how far it is.</param>
    /// <param name="cancellationToken">Stops; what is done is kept.</param>
    /// <exception cref="CommandException">The output is there already, or the data changed meanwhile.</exception>
    public async Task<LabelSummary> RunAsync(string output, bool force, IProgress<EmbeddedBatchProgress>? progress, CancellationToken cancellationToken)
    {
        var format = TableFile.FormatOf(output);
        if (Path.GetFullPath(output) == Path.GetFullPath(options.Data)) throw new CommandException(ExitCode.Usage, "--output is the data file itself; give another file.");
        if (File.Exists(output) && !force && !Directory.Exists(LabelFolder.Of(output)))
            throw new CommandException(ExitCode.Usage, $"'{output}' exists already; give another --output, or --force to replace it.");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
        var data = new FileInfo(options.Data);
        var (length, written) = (data.Length, data.LastWriteTimeUtc);
        using var folder = LabelFolder.Take(output);
        var done = new LabelProgress(progress, job.Table.RowCount);
        var (parts, usage) = await RunPartsAsync(folder, done, cancellationToken);
        var summary = await WriteAsync(folder, parts, output, format, cancellationToken);
        data.Refresh();
        if (data.Length != length || data.LastWriteTimeUtc != written)
            throw TableFile.Refused(options.Data, "changed while it was labelled; run again, which asks only about rows that are new.");
        var agreement = Gold?.Compare(job, folder.Labels(parts));
        folder.Finish(output);
        if (agreement is not null) AgreementReport.Write(agreement, output, Gold!.Name);
        return summary with { Usage = usage, Progress = done.Current, Agreement = agreement };
    }

    private async Task<(int Parts, LabelUsage Usage)> RunPartsAsync(LabelFolder folder, LabelProgress progress, CancellationToken cancellationToken)
    {
        using var rows = job.Table.Rows().GetEnumerator();
        IInferenceEngine? engine = null;
        try
        {
            var usage = default(LabelUsage);
            var first = 1L;
            for (var index = 0;; index++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var mostRows = Math.Min(PartRows, configuration.Worker.MaxRows);
                if (LabelPart.Write(job, rows, first, mostRows, configuration.Worker.MaxLineBytes, folder.RowsFile) is not { } part) return (index, usage);
                engine ??= await loadEngine(cancellationToken);
                var identity = IdentityOf(part, engine);
                if (folder.TryRead(index, identity) is not { } header) header = await RunPartAsync(folder, index, part, identity, engine, progress, cancellationToken);
                else progress.Skip(header.Rows);
                usage = usage.Plus(header);
                first += part.Rows;
            }
        }
        finally
        {
            if (engine is not null) await engine.DisposeAsync();
        }
    }

    private async Task<LabelPartHeader> RunPartAsync(
        LabelFolder folder, int index, LabelPart part, string identity, IInferenceEngine engine, LabelProgress progress, CancellationToken cancellationToken)
    {
        if (part.Refused.Count == part.Rows)
        {
            var none = new LabelPartHeader(identity, part.Rows, 0, 0);
            folder.Write(index, none, part.Refused.OrderBy(refused => refused.Key).Select(refused => refused.Value));
            progress.End(part.Rows, 0);
            return none;
        }

        var batch = new EmbeddedBatchOptions
        {
            JobsFile = folder.RowsFile,
            OutputFolder = folder.BatchFolder,
            ImageFolder = Path.GetDirectoryName(Path.GetFullPath(options.Data)),
            Worker = configuration.Worker,
            EngineSettings = RunCommand.AnswerSettings(configuration.Engine),
        };
        var summary = await new EmbeddedBatch(batch, _ => Task.FromResult<IInferenceEngine>(new LentEngine(engine)), loggers).RunAsync(progress, cancellationToken);
        var header = new LabelPartHeader(identity, part.Rows, summary.Usage.InputTokens, summary.Usage.OutputTokens);
        folder.Write(index, header, part.Labels(summary.OutputFile, summary.ErrorsFile, options));
        progress.End(part.Refused.Count, summary.RowsResumed);
        return header;
    }

    private string IdentityOf(LabelPart part, IInferenceEngine engine)
    {
        var batch = EmbeddedBatchIdentity.Derive(
            part.Sha256, engine.Model, engine.DefaultSampling, WorkerSettings.From(configuration.Worker), RunCommand.AnswerSettings(configuration.Engine));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{batch} {part.First}")));
    }

    private async Task<LabelSummary> WriteAsync(LabelFolder folder, int parts, string output, TableFormat format, CancellationToken cancellationToken)
    {
        var counts = new LabelCounts();
        using var labels = folder.Labels(parts).Select(counts.Count).Select(job.ValuesOf).GetEnumerator();
        await using (var file = new FileStream(folder.OutputFile, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16))
        {
            if (job.Table is ParquetTable parquet && format == TableFormat.Parquet)
            {
                await ParquetCopy.RunAsync(parquet, file, job.Added, labels, cancellationToken);
            }
            else
            {
                await using var writer = await TableFile.CreateAsync(file, format, SeparatorOf(output), job.Table, job.Added);
                foreach (var row in job.Table.Rows())
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (!labels.MoveNext()) break;
                    await writer.WriteAsync(row, labels.Current);
                }

                await writer.CompleteAsync();
            }

            file.Flush(flushToDisk: true);
        }

        return new LabelSummary { Output = output, Rows = job.Table.RowCount, Failed = counts.Failed, Codes = counts.Codes, Added = job.Added };
    }

    private char SeparatorOf(string output) =>
        Path.GetExtension(output).Equals(".tsv", StringComparison.OrdinalIgnoreCase) ? '\t'
        : job.Table is CsvTable { Separator: not '\t' } csv ? csv.Separator
        : ',';
}
