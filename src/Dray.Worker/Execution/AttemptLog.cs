using System.Text;
using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Storage;

namespace Dray.Worker.Execution;

/// <summary>
/// What became of earlier attempts at a piece of work: one that began and has no end was cut off by the death of its process. Kept in a
/// blob that is only appended to.
/// </summary>
internal sealed class AttemptLog
{
    /// <summary>Deaths of workers that had nothing but a request to do, after which the request is to blame.</summary>
    private const int DeathsBeforeBlame = 3;

    private const char Begun = '+';
    private const char Ended = '-';
    private readonly IBlobStore _store;
    private readonly string _path;
    private readonly Dictionary<string, int> _deaths = new(StringComparer.Ordinal);

    private AttemptLog(IBlobStore store, string path) => (_store, _path) = (store, path);

    /// <summary>Reads what is there.</summary>
    public static async Task<AttemptLog> OpenAsync(IBlobStore store, string path, CancellationToken cancellationToken)
    {
        var log = new AttemptLog(store, path);
        if (await store.TryReadAsync(path, cancellationToken) is not { } content) return log;
        foreach (var line in Encoding.UTF8.GetString(content.Bytes.Span).Split('\n'))
        {
            if (line.Length == 0 || line[0] is not (Begun or Ended)) continue;
            var work = line[1..];
            log._deaths[work] = log.Deaths(work) + (line[0] == Begun ? 1 : -1);
        }

        return log;
    }

    /// <summary>How many attempts at <paramref name="work"/> were cut off.</summary>
    public int Deaths(string work) => _deaths.GetValueOrDefault(work);

    /// <summary>
    /// Notes that an attempt begins, makes it, and notes that it is over, whatever came of it; but a lost device ends the process, so that
    /// the attempt counts as cut off.
    /// </summary>
    public async Task NoteAsync(string work, Func<Task> attempt, CancellationToken cancellationToken)
    {
        await AppendAsync(Begun, work, cancellationToken);
        var isCutOff = false;
        try
        {
            await attempt();
        }
        catch (DeviceLostException)
        {
            isCutOff = true;
            throw;
        }
        finally
        {
            if (!isCutOff) await AppendAsync(Ended, work, CancellationToken.None);
        }
    }

    /// <summary>
    /// Answers a request that workers may have died of, while nothing else is with the engine: not any more where they died of it, alone,
    /// several times.
    /// </summary>
    public async Task<BatchRowResponse> RunAsync(
        RequestIdentity identity, Func<Task<BatchRowResponse>> ask, CancellationToken cancellationToken)
    {
        var response = RequestRunner.Kills(identity, DeathsBeforeBlame);
        if (Deaths(identity.RowId) < DeathsBeforeBlame) await NoteAsync(identity.RowId, async () => response = await ask(), cancellationToken);
        return response;
    }

    // The first end of line is for one that a worker left half written.
    private Task AppendAsync(char what, string work, CancellationToken cancellationToken) =>
        _store.AppendAsync(_path, Encoding.UTF8.GetBytes($"\n{what}{work}\n"), cancellationToken);
}
