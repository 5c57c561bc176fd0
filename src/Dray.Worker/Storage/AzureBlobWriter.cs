using System.Buffers;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Dray.Worker.Storage;

/// <summary>
/// Takes the content of one blob, which appears only once it is committed. Up to 8 MiB go up in one request; more is staged in blocks
/// whose names no other writer has, so that two writers never mix. No more than one block is in memory.
/// </summary>
/// <param name="blob">The blob.</param>
/// <param name="staged">Whether content goes up in blocks however small it is.</param>
/// <param name="describe">What to throw where the server fails.</param>
internal sealed class AzureBlobWriter(BlockBlobClient blob, bool staged, Func<Exception, IOException> describe) : Stream
{
    /// <summary>The bytes of a block.</summary>
    public const int BlockBytes = 8 * 1024 * 1024;

    private const int FirstBytes = 64 * 1024;
    private const int MostBlocks = 50_000;
    private const string WriterKey = "writer";
    private readonly Guid _id = Guid.NewGuid();
    private readonly List<string> _blocks = [];
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private int _filled;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    private Dictionary<string, string> Metadata => new() { [WriterKey] = _id.ToString("N") };

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            if (_filled == BlockBytes) await StageAsync(cancellationToken);
            if (_filled == _buffer.Length) Grow();
            var taken = Math.Min(buffer.Length, Math.Min(_buffer.Length, BlockBytes) - _filled);
            buffer[..taken].CopyTo(_buffer.AsMemory(_filled));
            _filled += taken;
            buffer = buffer[taken..];
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) =>
        WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Makes what was written the blob's content.</summary>
    /// <param name="condition">What must hold, or null.</param>
    /// <param name="cancellationToken">Cancels the request; whether it took effect is open then.</param>
    /// <returns>False where another writer was faster, or the condition doesn't hold.</returns>
    public async Task<bool> TryCommitAsync(BlobRequestConditions? condition, CancellationToken cancellationToken)
    {
        try
        {
            if (staged || _blocks.Count > 0)
            {
                await StageAsync(cancellationToken);
                var list = new CommitBlockListOptions { Conditions = condition, Metadata = Metadata };
                await blob.CommitBlockListAsync(_blocks, list, cancellationToken);
                return true;
            }

            using var content = new MemoryStream(_buffer, 0, _filled, writable: false);
            var options = new BlobUploadOptions
            {
                Conditions = condition,
                Metadata = Metadata,
                TransferOptions = new StorageTransferOptions { InitialTransferSize = BlockBytes, MaximumConcurrency = 1 },
            };
            await blob.UploadAsync(content, options, cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (AzureBlobFailure.IsLostRace(e))
        {
            return false;
        }
        catch (Exception e) when (e is not IOException && AzureBlobFailure.IsFailure(e, cancellationToken))
        {
            throw describe(e);
        }
    }

    /// <summary>Whether a blob is this writer's: its commit may have succeeded and only the reply been lost.</summary>
    public bool Wrote(BlobProperties properties) =>
        properties.Metadata.TryGetValue(WriterKey, out var writer) && writer == _id.ToString("N");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }

        base.Dispose(disposing);
    }

    private async Task StageAsync(CancellationToken cancellationToken)
    {
        if (_blocks.Count == MostBlocks)
            throw new IOException($"The blob '{blob.Name}' would be larger than {MostBlocks} blocks of {BlockBytes} bytes; write less into one.");
        byte[] name = [.. _id.ToByteArray(), .. BitConverter.GetBytes(_blocks.Count)];
        var block = Convert.ToBase64String(name);
        try
        {
            using var content = new MemoryStream(_buffer, 0, _filled, writable: false);
            await blob.StageBlockAsync(block, content, cancellationToken: cancellationToken);
        }
        catch (Exception e) when (AzureBlobFailure.IsFailure(e, cancellationToken))
        {
            throw describe(e);
        }

        _blocks.Add(block);
        _filled = 0;
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(2 * _buffer.Length, BlockBytes));
        _buffer.AsSpan(0, _filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
