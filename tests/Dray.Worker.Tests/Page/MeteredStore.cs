using Dray.Worker.Input;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Page;

/// <summary>A store that counts the bytes that are read from its blobs.</summary>
internal sealed class MeteredStore(IBlobStore inner) : StoreDecorator(inner)
{
    private readonly List<CountedStream> _streams = [];

    public long ReadBytes => _streams.Sum(stream => stream.Bytes);

    public override async Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
    {
        var stream = new CountedStream(await base.OpenReadAsync(path, offset, length, cancellationToken));
        _streams.Add(stream);
        return stream;
    }
}
