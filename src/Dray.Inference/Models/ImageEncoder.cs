namespace Dray.Inference.Models;

/// <summary>
/// Runs the vision encoder once per picture content: embeddings are kept while a prompt needs them, and those of pictures seen last
/// a little longer, up to a number of rows.
/// </summary>
internal sealed class ImageEncoder(Mistral3 model, int maxIdleRows) : IDisposable
{
    private readonly Dictionary<UInt128, ImageEmbeddings> _known = [];
    private readonly LinkedList<UInt128> _idle = [];
    private int _idleRows;

    /// <summary>Gets the number of pictures that went through the vision encoder.</summary>
    public long Encoded { get; private set; }

    /// <summary>The embeddings of a picture; <see cref="Return"/> them when its prefill is done.</summary>
    public ImageEmbeddings Take(PromptImage image)
    {
        if (!_known.TryGetValue(image.ContentKey, out var embeddings))
        {
            embeddings = new ImageEmbeddings(model.EncodeImages(image.Pixels.Span, [image.Grid]));
            _known.Add(image.ContentKey, embeddings);
            Encoded++;
        }
        else if (embeddings.Holders == 0)
        {
            _idle.Remove(image.ContentKey);
            _idleRows -= embeddings.Rows;
        }

        embeddings.Holders++;
        return embeddings;
    }

    /// <summary>Says that one prompt less needs them.</summary>
    public void Return(PromptImage image)
    {
        var embeddings = _known[image.ContentKey];
        if (--embeddings.Holders > 0) return;
        _idle.AddLast(image.ContentKey);
        _idleRows += embeddings.Rows;
        while (_idleRows > maxIdleRows && _idle.First is { } oldest)
        {
            _idle.RemoveFirst();
            _known.Remove(oldest.Value, out var gone);
            _idleRows -= gone!.Rows;
            gone.Free();
        }
    }

    public void Dispose()
    {
        foreach (var embeddings in _known.Values) embeddings.Free();
        _known.Clear();
    }
}
