using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Dray.Worker.Storage;

/// <summary>
/// A store in a folder. Content goes to a temporary file beside its target, is flushed to the disk, and appears under its name in
/// one step; etags are the content's SHA-256. Several processes may share the folder.
/// </summary>
internal sealed class FileSystemBlobStore : IBlobStore, IDisposable
{
    private const string TemporaryPrefix = ".tmp-";
    private const string LockName = ".lock";
    private readonly SemaphoreSlim _gate = new(1);
    private readonly string _root;

    /// <summary>Opens the store in <paramref name="root"/>, which is created where there is none.</summary>
    public FileSystemBlobStore(string root) => _root = Path.TrimEndingDirectorySeparator(Directory.CreateDirectory(root).FullName);

    /// <inheritdoc/>
    public async Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var stream = await OpenReadAsync(Locate(path), cancellationToken);
        stream.Position = offset;
        return length is { } limit ? new BoundedReadStream(stream, limit) : stream;
    }

    /// <inheritdoc/>
    public async Task<BlobContent?> TryReadAsync(string path, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var stream = await OpenReadAsync(Locate(path), cancellationToken);
            var bytes = new byte[BlobContent.CheckLength(path, stream.Length)];
            await stream.ReadExactlyAsync(bytes, cancellationToken);
            return new BlobContent(bytes, ETagOf(bytes));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> TryCreateAsync(
        string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default)
    {
        var target = Locate(path);
        if (File.Exists(target)) return false;
        var temporary = await WriteTemporaryAsync(target, write, cancellationToken);
        try
        {
            // Moving without overwriting is a look and then a move, which two writers can both pass; a link is one step.
            if (HardLink.TryCreate(temporary, target) is { } created)
            {
                DurableFolder.Flush(Path.GetDirectoryName(target)!);
                return created;
            }

            using var fence = await FenceAsync(cancellationToken);
            if (File.Exists(target)) return false;
            Move(temporary, target, overwrite: false);
            return true;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> TryReplaceAsync(
        string path, ReadOnlyMemory<byte> content, string ifMatch, CancellationToken cancellationToken = default)
    {
        var target = Locate(path);
        if (!File.Exists(target)) return false;
        var temporary = await WriteTemporaryAsync(target, (stream, token) => stream.WriteAsync(content, token).AsTask(), cancellationToken);
        try
        {
            using var fence = await FenceAsync(cancellationToken);
            if ((await TryReadAsync(path, cancellationToken))?.ETag != ifMatch) return false;
            Move(temporary, target, overwrite: true);
            return true;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <inheritdoc/>
    public async Task PutAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default)
    {
        var target = Locate(path);
        var temporary = await WriteTemporaryAsync(target, write, cancellationToken);
        try
        {
            Move(temporary, target, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <inheritdoc/>
    public async Task AppendAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        var target = Locate(path);
        DurableFolder.Create(Path.GetDirectoryName(target)!);
        await using var stream = await ExclusiveFile.OpenAsync(target, FileMode.Append, cancellationToken);

        // Once begun the write isn't cancelled: a torn line would cost its row.
        var end = stream.Length;
        try
        {
            await stream.WriteAsync(content, CancellationToken.None);
        }
        catch (IOException)
        {
            // A full disk takes part of it.
            stream.SetLength(end);
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(string path, CancellationToken cancellationToken = default) => Task.FromResult(File.Exists(Locate(path)));

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(
        string prefix, string? after, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var folder = prefix.TrimEnd('/');
        foreach (var path in Walk(Locate(folder), folder + '/', after))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return path;
        }

        await Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlobEntry> ListEntriesAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var folder = prefix.Length == 0 ? _root : Locate(prefix.TrimEnd('/'));
        if (!Directory.Exists(folder)) yield break;
        foreach (var entry in FolderListing.Of(_root, folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return entry;
        }

        await Task.CompletedTask;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<string> ListFoldersAsync(string prefix, CancellationToken cancellationToken = default)
    {
        var folder = Locate(prefix.TrimEnd('/'));
        if (!Directory.Exists(folder)) return AsyncEnumerable.Empty<string>();
        return Directory.EnumerateDirectories(folder).Select(found => Path.GetFileName(found)!).Where(name => name[0] != '.')
            .Order(StringComparer.Ordinal).ToAsyncEnumerable();
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string path, CancellationToken cancellationToken = default)
    {
        var target = Locate(path);
        if (File.Exists(target)) File.Delete(target);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<DateTimeOffset> ReadClockAsync(CancellationToken cancellationToken = default)
    {
        var temporary = await WriteTemporaryAsync(Path.Combine(_root, "clock"), (_, _) => Task.CompletedTask, cancellationToken);
        try
        {
            return File.GetLastWriteTimeUtc(temporary);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    /// <summary>Deletes the temporary files of processes that were killed. Call it only while no other process writes here.</summary>
    public void RemoveLeftovers()
    {
        foreach (var file in Directory.GetFiles(_root, TemporaryPrefix + "*", SearchOption.AllDirectories)) File.Delete(file);
    }

    // Who appends holds the file for a moment.
    private static Task<FileStream> OpenReadAsync(string file, CancellationToken cancellationToken) => ExclusiveFile.WaitAsync(
        () => new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 64 * 1024, useAsync: true),
        cancellationToken);

    private static string ETagOf(ReadOnlySpan<byte> content) => $"\"{Convert.ToHexStringLower(SHA256.HashData(content))}\"";

    private static async Task<string> WriteTemporaryAsync(
        string target, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        DurableFolder.Create(Path.GetDirectoryName(target)!);
        var temporary = Path.Combine(Path.GetDirectoryName(target)!, TemporaryPrefix + Guid.NewGuid().ToString("N"));
        try
        {
            await using var stream = new FileStream(
                temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 64 * 1024, useAsync: true);
            await write(stream, cancellationToken);
            await stream.FlushAsync(cancellationToken);
            stream.Flush(flushToDisk: true);
            return temporary;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    // Folder by folder: what comes before is passed over without a look into it, and who stops asking ends it.
    private static IEnumerable<string> Walk(string folder, string path, string? after)
    {
        if (!Directory.Exists(folder)) yield break;
        var entries = new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(entry => entry.Name[0] != '.')
            .Select(entry => entry is DirectoryInfo ? entry.Name + '/' : entry.Name).Order(StringComparer.Ordinal).ToArray();
        foreach (var name in entries)
        {
            var found = path + name;
            var isBegun = after is not null && name[^1] == '/' && after.StartsWith(found, StringComparison.Ordinal);
            if (!isBegun && string.CompareOrdinal(found, after) <= 0) continue;
            if (name[^1] != '/') yield return found;
            else
                foreach (var inner in Walk(Path.Combine(folder, name), found, isBegun ? after : null)) yield return inner;
        }
    }

    private static void Move(string temporary, string target, bool overwrite)
    {
        File.Move(temporary, target, overwrite);
        DurableFolder.Flush(Path.GetDirectoryName(target)!);
    }

    // One holder at a time: the gate among the tasks of this process, the lock file among processes.
    private async Task<IDisposable> FenceAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return new Fence(await ExclusiveFile.OpenAsync(Path.Combine(_root, LockName), FileMode.OpenOrCreate, cancellationToken), _gate);
        }
        catch
        {
            _gate.Release();
            throw;
        }
    }

    private string Locate(string path) => Path.Combine(_root, BlobPath.Check(path).Replace('/', Path.DirectorySeparatorChar));

    private sealed class Fence(FileStream held, SemaphoreSlim gate) : IDisposable
    {
        public void Dispose()
        {
            held.Dispose();
            gate.Release();
        }
    }
}
