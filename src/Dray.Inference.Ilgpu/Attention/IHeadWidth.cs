namespace Dray.Inference.Ilgpu.Attention;

/// <summary>The width of a head, known when a kernel is compiled.</summary>
internal interface IHeadWidth
{
    /// <summary>Gets the groups of 32 dimensions, 2 or 4.</summary>
    int Groups { get; }
}
