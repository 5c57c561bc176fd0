namespace Dray.Inference.Compute;

/// <summary>Keys and values of all layers, in blocks of <see cref="BlockTokens"/> tokens that sequences hold by number.</summary>
public abstract class KvCache(KvCacheShape shape) : IDisposable
{
    /// <summary>Tokens in one block.</summary>
    public const int BlockTokens = 16;

    /// <summary>The blocks that <paramref name="tokens"/> tokens of one sequence take.</summary>
    public static int BlocksOf(int tokens) => (tokens + BlockTokens - 1) / BlockTokens;

    /// <summary>Gets the size.</summary>
    public KvCacheShape Shape { get; } = shape;

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the memory back.</summary>
    protected abstract void Dispose(bool disposing);
}
