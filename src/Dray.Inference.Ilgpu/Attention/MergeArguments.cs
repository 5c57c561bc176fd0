using ILGPU;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>What the merge of decodes' partial results is launched with.</summary>
internal struct MergeArguments
{
    /// <summary>Results.</summary>
    public DeviceTensor Y;

    /// <summary>Decodes of the layout.</summary>
    public ArrayView<int> Entries;

    /// <summary>Partial results.</summary>
    public ArrayView<float> Partials;

    /// <summary>Query heads.</summary>
    public int Heads;

    /// <summary>Width of one.</summary>
    public int HeadDim;
}
