using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>Paged attention's kernels for one data type of the cache.</summary>
/// <param name="Prompt">Runs of prompts: grid (runs, KV heads × row tiles).</param>
/// <param name="Decode">Single tokens: grid (decodes, KV heads × row tiles, partitions at a time).</param>
/// <param name="Warps">Warps of a group that work each by itself; 0 where groups work as a whole.</param>
internal sealed record PagedKernels(Action<AcceleratorStream, KernelConfig, PagedArguments> Prompt, Action<AcceleratorStream, KernelConfig, PagedArguments> Decode, int Warps = 0)
{
    /// <summary>The kernels that run on any device.</summary>
    public static PagedKernels Portable<TCodec>(Accelerator accelerator)
        where TCodec : struct, IKvCodec =>
        new(
            accelerator.LoadKernel<PagedArguments>(PromptAttentionKernel.Run<TCodec>),
            accelerator.LoadKernel<PagedArguments>(DecodeAttentionKernel.Run<TCodec>));

    /// <summary>The kernels for tensor cores, or null where there are none or heads are not 64 or 128 wide.</summary>
    public static PagedKernels? OnTensorCores<TCodec>(Accelerator accelerator, int headDim)
        where TCodec : struct, IFragmentCodec =>
        headDim switch
        {
            64 => OnTensorCores<TCodec, Width64>(accelerator),
            128 => OnTensorCores<TCodec, Width128>(accelerator),
            _ => null,
        };

    private static PagedKernels OnTensorCores<TCodec, TWidth>(Accelerator accelerator)
        where TCodec : struct, IFragmentCodec
        where TWidth : struct, IHeadWidth =>
        new(
            accelerator.LoadKernel<PagedArguments>(WarpAttentionKernel.Prompt<TCodec, TWidth>, Bounds(WarpAttentionKernel.Prompt<TCodec, TWidth>)),
            accelerator.LoadKernel<PagedArguments>(WarpAttentionKernel.Decode<TCodec, TWidth>, Bounds(WarpAttentionKernel.Decode<TCodec, TWidth>)),
            WarpAttentionKernel.Warps);

    private static KernelSpecialization Bounds(Action<PagedArguments> kernel) => KernelAttribute.BoundsOf(kernel);
}
