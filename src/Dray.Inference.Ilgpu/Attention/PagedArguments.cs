using ILGPU;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>What a paged attention kernel is launched with.</summary>
internal struct PagedArguments
{
    /// <summary>Queries.</summary>
    public DeviceTensor Q;

    /// <summary>Results; decode writes <see cref="Partials"/> instead.</summary>
    public DeviceTensor Y;

    /// <summary>The cache's layer.</summary>
    public ArrayView<uint> Words;

    /// <summary>Block numbers.</summary>
    public ArrayView<int> Blocks;

    /// <summary>Runs or decodes of the layout.</summary>
    public ArrayView<int> Entries;

    /// <summary>Partial results of decodes.</summary>
    public ArrayView<float> Partials;

    /// <summary>Where numbers lie in the layer.</summary>
    public KvGeometry Geometry;

    /// <summary>Query heads.</summary>
    public int Heads;
}
