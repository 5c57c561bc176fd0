using System.Text;
using System.Threading.Channels;
using Dray.Worker.Storage;

namespace Dray.Worker.Tests.Support;

/// <summary>An empty store that only appends, each append ending when the test says so.</summary>
internal sealed class HeldAppends : IBlobStore
{
    private readonly Channel<(string Text, TaskCompletionSource End)> _appends = Channel.CreateUnbounded<(string, TaskCompletionSource)>();

    /// <summary>Gets how many appends the test has yet to take.</summary>
    public int Waiting => _appends.Reader.Count;

    /// <summary>The next append, as soon as it begins.</summary>
    public ValueTask<(string Text, TaskCompletionSource End)> NextAsync(CancellationToken cancellationToken) => _appends.Reader.ReadAsync(cancellationToken);

    public Task AppendAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _appends.Writer.TryWrite((Encoding.UTF8.GetString(content.Span), end)).ShouldBeTrue();
        return end.Task;
    }

    public Task<bool> ExistsAsync(string path, CancellationToken cancellationToken = default) => Task.FromResult(false);

    public Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<BlobContent?> TryReadAsync(string path, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<bool> TryCreateAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<bool> TryReplaceAsync(string path, ReadOnlyMemory<byte> content, string ifMatch, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task PutAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IAsyncEnumerable<string> ListAsync(string prefix, string? after, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IAsyncEnumerable<string> ListFoldersAsync(string prefix, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IAsyncEnumerable<BlobEntry> ListEntriesAsync(string prefix, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<DateTimeOffset> ReadClockAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task DeleteAsync(string path, CancellationToken cancellationToken = default) => throw new NotSupportedException();
}
