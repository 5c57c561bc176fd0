using System.Text.Json;
using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Execution;
using Dray.Worker.Images;
using Dray.Worker.Input;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dray.Worker.Client;

/// <summary>
/// Checks every row of an input by the very code that runs it, over an engine that has no weights. Rows are read one after another;
/// memory is bounded by the longest rows and by the number of rows.
/// </summary>
/// <param name="engine">Judges requests.</param>
/// <param name="options">The worker's limits.</param>
public sealed class InputValidator(PreflightEngine engine, WorkerOptions options)
{
    private static readonly int RowsAtOnce = 2 * Environment.ProcessorCount;
    private readonly WorkerSettings _settings = WorkerSettings.From(options);

    /// <summary>Checks a file; relative paths of pictures are resolved against its folder.</summary>
    /// <param name="file">The input.</param>
    /// <param name="report">Receives each problem, in the order of lines.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="BatchClientException">The input as a whole can't be run.</exception>
    public async Task<InputReport> ValidateAsync(string file, Action<InputProblem> report, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(report);
        try
        {
            file = Path.GetFullPath(file);
            await using var input = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
            var check = new Check(this, new ImageFolder(Path.GetDirectoryName(file)!), report);
            await foreach (var line in new BatchInputReader(_settings.MaxLineBytes).ReadAsync(input, cancellationToken: cancellationToken))
                await check.AddAsync(line, cancellationToken);
            return await check.FinishAsync() ?? throw Refuse($"The input '{file}' has no rows; write one JSON object per line.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refuse($"The input '{file}' can't be read: {e.Message}", e);
        }
    }

    private static BatchClientException Refuse(string message, Exception? inner = null) => new(BatchClientProblem.InputRefused, message, inner);

    private sealed class Check
    {
        private readonly InputValidator _owner;
        private readonly RequestRunner _runner;
        private readonly Action<InputProblem> _report;
        private readonly Dictionary<string, long> _names = new(StringComparer.Ordinal);
        private readonly RowRepeats _repeats = new();
        private readonly SortedDictionary<string, long> _codes = new(StringComparer.Ordinal);
        private readonly Queue<Row> _running = [];
        private long _rows;
        private long _refused;
        private long _repeated;
        private long _promptTokens;
        private long _completionTokens;
        private (long Tokens, long Line) _longest;

        public Check(InputValidator owner, ImageFolder folder, Action<InputProblem> report)
        {
            (_owner, _report) = (owner, report);
            var settings = owner._settings;
            _runner = new RequestRunner(
                owner.Engine, new ServedModels(owner.Engine, settings, NullLogger<ServedModels>.Instance),
                new ImageResolver(folder, settings.MaxImagesPerRow, settings.MaxImageBytes), settings, TimeProvider.System,
                NullLogger<RequestRunner>.Instance);
        }

        public async Task AddAsync(InputLine line, CancellationToken cancellationToken)
        {
            if (_rows == _owner._settings.MaxRows)
                throw Refuse($"The input has more than {_owner._settings.MaxRows} rows, at line {line.Number}; split it.");
            _rows++;
            var name = CustomIdReader.TryRead(line.Bytes.Span, out var value);
            long? first = name is not null && !_names.TryAdd(name, line.Number) ? _names[name] : null;
            var repeats = _repeats.Repeated.Count;
            if (name is not null && first is null) _repeats.Add(_rows, name, line.Bytes.Span, value);
            var answer = _runner.RunAsync(
                () => Read(line, first), RequestIdentity.OfRow("validate", _rows, 0), JobPriority.Normal, cancellationToken);
            _running.Enqueue(new Row(line.Number, name, _repeats.Repeated.Count > repeats, answer));
            if (_running.Count >= RowsAtOnce) await TakeAsync();
        }

        public async Task<InputReport?> FinishAsync()
        {
            while (_running.Count > 0) await TakeAsync();
            return _rows == 0 ? null : new InputReport
            {
                Rows = _rows,
                Refused = _refused,
                Repeated = _repeated,
                PromptTokens = _promptTokens,
                LongestPrompt = _longest.Tokens,
                LongestPromptLine = _longest.Line,
                MaxCompletionTokens = _completionTokens,
                Codes = _codes,
            };
        }

        private JsonElement Read(InputLine line, long? firstLine)
        {
            var row = BatchRowParser.Parse(line, _owner._settings.MaxLineBytes);
            return firstLine is { } first ? throw RowRunner.Duplicate(line, row.CustomId, first) : row.Body;
        }

        private async Task TakeAsync()
        {
            var row = _running.Dequeue();
            var answer = await row.Answer;
            if (answer.StatusCode != 200)
            {
                var error = answer.Body.Deserialize<ErrorResponse>(ContractsJson.Options)!.Error;
                _refused++;
                _codes[error.Code] = _codes.GetValueOrDefault(error.Code) + 1;
                _report(new InputProblem(row.Line, row.CustomId, error.Code, error.Message, error.Param));
                return;
            }

            if (row.IsRepeat)
            {
                _repeated++;
                return;
            }

            var usage = answer.Body.Deserialize<ChatCompletion>(ContractsJson.Options)!.Usage;
            _promptTokens += usage.PromptTokens;
            _completionTokens += usage.CompletionTokens;
            if (usage.PromptTokens > _longest.Tokens) _longest = (usage.PromptTokens, row.Line);
        }
    }

    private PreflightEngine Engine => engine;

    private sealed record Row(long Line, string? CustomId, bool IsRepeat, Task<BatchRowResponse> Answer);
}
