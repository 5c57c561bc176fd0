using System.Buffers.Binary;
using Dray.Inference.Vision;

namespace Dray.Inference.Models;

/// <summary>A picture in a prompt: its patches, where its tokens stand, and its embeddings while a prefill needs them.</summary>
/// <param name="pixels">Normalised pixels, [grid.Patches, channels · p²].</param>
/// <param name="grid">The patch grid.</param>
/// <param name="mergeSize">Patches per side that one token stands for.</param>
/// <param name="firstToken">Index of its first token in the prompt.</param>
/// <param name="contentHash">SHA-256 of the encoded picture.</param>
internal sealed class PromptImage(ReadOnlyMemory<float> pixels, PatchGrid grid, int mergeSize, int firstToken, ReadOnlyMemory<byte> contentHash)
{
    private readonly int _columns = grid.Columns / mergeSize;
    private readonly int _rows = grid.Rows / mergeSize;
    private ImageEncoder? _encoder;
    private ImageEmbeddings? _embeddings;

    public PromptImage(PatchedImage image, int mergeSize, int firstToken)
        : this(image.Pixels, new PatchGrid(image.Geometry.PatchColumns, image.Geometry.PatchRows), mergeSize, firstToken, image.ContentHash)
    {
    }

    public ReadOnlyMemory<float> Pixels { get; } = pixels;

    public PatchGrid Grid { get; } = grid;

    /// <summary>Gets the SHA-256 of the encoded picture.</summary>
    public ReadOnlyMemory<byte> ContentHash { get; } = contentHash;

    /// <summary>Gets half of <see cref="ContentHash"/>, to look it up by.</summary>
    public UInt128 ContentKey { get; } = BinaryPrimitives.ReadUInt128LittleEndian(contentHash.Span);

    /// <summary>Gets the index of its first token.</summary>
    public int FirstToken { get; } = firstToken;

    /// <summary>Gets the index after its last token; every row of tokens ends in a break.</summary>
    public int EndToken => FirstToken + ((_columns + 1) * _rows);

    /// <summary>Whether any of its tokens is in [<paramref name="first"/>, <paramref name="end"/>).</summary>
    public bool Overlaps(int first, int end) => FirstToken < end && EndToken > first;

    /// <summary>The embeddings, from now on held for this prompt until <see cref="Release"/>.</summary>
    public ImageEmbeddings Embed(ImageEncoder encoder)
    {
        if (_encoder is null) (_encoder, _embeddings) = (encoder, encoder.Take(this));
        return _embeddings!;
    }

    /// <summary>Lists its embedding rows whose tokens are in [<paramref name="first"/>, <paramref name="end"/>), and those tokens.</summary>
    public void Collect(int first, int end, List<int> embeddingRows, List<int> tokens)
    {
        for (var row = 0; row < _rows; row++)
        {
            for (var column = 0; column < _columns; column++)
            {
                var token = FirstToken + (row * (_columns + 1)) + column;
                if (token < first || token >= end) continue;
                embeddingRows.Add((row * _columns) + column);
                tokens.Add(token);
            }
        }
    }

    /// <summary>Lets the embeddings go; a later <see cref="Embed"/> takes them again.</summary>
    public void Release()
    {
        _encoder?.Return(this);
        (_encoder, _embeddings) = (null, null);
    }
}
