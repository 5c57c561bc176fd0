using System.Collections.Concurrent;
using System.Security.Cryptography;
using Dray.Inference;
using Dray.Worker.Input;
using Dray.Worker.Storage;

namespace Dray.Worker.Client;

/// <summary>Reads an input once: hash, rows, pictures. Memory is bounded by the longest line and the number of different pictures.</summary>
internal sealed class InputScanner(PictureSource pictures)
{
    private const int PicturesAtOnce = 8;
    private static readonly int MaxLineBytes = new WorkerOptions().MaxLineBytes;

    /// <summary>Reads an input.</summary>
    /// <exception cref="BatchClientException">It can't be read, or has no rows.</exception>
    public async Task<InputScan> ScanAsync(InputSource input, CancellationToken cancellationToken)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        var scan = await ReadAsync(input, paths, cancellationToken);
        if (scan.Rows == 0) throw Refuse($"The input '{input.Name}' has no rows; write one JSON object per line.");
        var (found, missing) = await ReadPicturesAsync(paths, cancellationToken);
        return scan with { Pictures = found, MissingPictures = missing };
    }

    private static async Task<InputScan> ReadAsync(InputSource from, HashSet<string> paths, CancellationToken cancellationToken)
    {
        try
        {
            using var hash = SHA256.Create();
            await using var source = new CountedStream(await from.Open(cancellationToken));
            await using var input = new CryptoStream(source, hash, CryptoStreamMode.Read);
            long rows = 0, unreadable = 0;
            await foreach (var line in new BatchInputReader(MaxLineBytes).ReadAsync(input, cancellationToken: cancellationToken))
            {
                rows++;
                if (line.IsTooLong || !RowPictureReader.TryRead(line.Bytes.Span, paths)) unreadable++;
            }

            return new InputScan(from, Convert.ToHexStringLower(hash.Hash!), source.Bytes, rows, unreadable, [], []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refuse($"The input '{from.Name}' can't be read: {e.Message}", e);
        }
    }

    private static BatchClientException Refuse(string message, Exception? inner = null) => new(BatchClientProblem.InputRefused, message, inner);

    private async Task<(IReadOnlyList<ScannedPicture> Found, IReadOnlyList<string> Missing)> ReadPicturesAsync(
        HashSet<string> paths, CancellationToken cancellationToken)
    {
        var found = new ConcurrentDictionary<string, ScannedPicture>(StringComparer.Ordinal);
        var missing = new ConcurrentBag<string>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = PicturesAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(paths, parallel, async (path, token) =>
        {
            try
            {
                var content = await pictures(path, token);
                var name = BatchPaths.ImageName(path);
                found[name] = new ScannedPicture(path, name, content.Length, Convert.ToHexStringLower(SHA256.HashData(content.Span)));
            }
            catch (RequestRejectedException)
            {
                missing.Add(path);
            }
        });
        return (
            [.. found.Values.OrderBy(picture => picture.Name, StringComparer.Ordinal)], [.. missing.Order(StringComparer.Ordinal)]);
    }
}
