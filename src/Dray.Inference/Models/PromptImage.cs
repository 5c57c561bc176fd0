using Dray.Inference.Compute;
using Dray.Inference.Vision;

namespace Dray.Inference.Models;

/// <summary>A picture in a prompt: its patches, where its tokens stand, and its embeddings while a prefill needs them.</summary>
/// <param name="patches">Normalised pixels, [grid.Patches, channels · p²].</param>
/// <param name="grid">The patch grid.</param>
/// <param name="mergeSize">Patches per side that one token stands for.</param>
/// <param name="firstToken">Index of its first token in the prompt.</param>
internal sealed class PromptImage(ReadOnlyMemory<float> patches, PatchGrid grid, int mergeSize, int firstToken)
{
    private readonly int _columns = grid.Columns / mergeSize;
    private readonly int _rows = grid.Rows / mergeSize;

    public PromptImage(PatchedImage image, int mergeSize, int firstToken)
        : this(image.Pixels, new PatchGrid(image.Geometry.PatchColumns, image.Geometry.PatchRows), mergeSize, firstToken)
    {
    }

    /// <summary>Gets the embeddings, [columns · rows, hidden], or null before and after they are needed.</summary>
    public TensorBuffer? Embeddings { get; private set; }

    /// <summary>Gets the index after its last token; every row of tokens ends in a break.</summary>
    public int EndToken => firstToken + ((_columns + 1) * _rows);

    /// <summary>Gets whether any of its tokens is in [<paramref name="first"/>, <paramref name="end"/>).</summary>
    public bool Overlaps(int first, int end) => firstToken < end && EndToken > first;

    /// <summary>Runs the vision encoder unless that was done already.</summary>
    public void Encode(Mistral3 model) => Embeddings ??= model.EncodeImages(patches.Span, [grid]);

    /// <summary>Lists its embedding rows whose tokens are in [<paramref name="first"/>, <paramref name="end"/>), and those tokens.</summary>
    public void Collect(int first, int end, List<int> embeddingRows, List<int> tokens)
    {
        for (var row = 0; row < _rows; row++)
        {
            for (var column = 0; column < _columns; column++)
            {
                var token = firstToken + (row * (_columns + 1)) + column;
                if (token < first || token >= end) continue;
                embeddingRows.Add((row * _columns) + column);
                tokens.Add(token);
            }
        }
    }

    /// <summary>Frees the embeddings; a later <see cref="Encode"/> makes them again.</summary>
    public void Release()
    {
        Embeddings?.Dispose();
        Embeddings = null;
    }
}
