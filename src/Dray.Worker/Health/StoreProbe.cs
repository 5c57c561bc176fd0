using Dray.Worker.Storage;

namespace Dray.Worker.Health;

/// <summary>Tries whether the store can be written; throws where it can't.</summary>
/// <param name="ProbeAsync">One try.</param>
internal sealed record StoreProbe(Func<CancellationToken, Task> ProbeAsync)
{
    /// <summary>Writes a small blob of this worker's own, and reads it back.</summary>
    public static StoreProbe Of(IBlobStore store)
    {
        var path = $"health/{Guid.NewGuid():N}.txt";
        return new StoreProbe(async token =>
        {
            await store.PutAsync(path, async (stream, inner) => await stream.WriteAsync("dray\n"u8.ToArray(), inner), token);
            var content = await store.TryReadAsync(path, token);
            if (content is null || !content.Bytes.Span.SequenceEqual("dray\n"u8))
                throw new IOException($"The store's blob '{path}' doesn't hold what was just written to it.");
            await store.DeleteAsync(path, token);
        });
    }
}
