using Dray.Inference.Compute;

namespace Dray.Inference.Models;

/// <summary>A picture's embeddings, shared by all prompts that hold the same picture.</summary>
/// <param name="buffer">[tokens of the picture, hidden].</param>
internal sealed class ImageEmbeddings(TensorBuffer buffer)
{
    public Tensor View => buffer.View;

    public int Rows => buffer.Rows;

    /// <summary>Gets or sets the number of prompts that need them now.</summary>
    public int Holders { get; set; }

    public void Free() => buffer.Dispose();
}
