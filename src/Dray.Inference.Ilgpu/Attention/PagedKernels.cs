using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>Paged attention's kernels for one data type of the cache.</summary>
/// <param name="Prompt">Runs of prompts: grid (runs, KV heads × row tiles).</param>
/// <param name="Decode">Single tokens: grid (decodes, KV heads × row tiles, partitions at a time).</param>
internal sealed record PagedKernels(Action<AcceleratorStream, KernelConfig, PagedArguments> Prompt, Action<AcceleratorStream, KernelConfig, PagedArguments> Decode)
{
    /// <summary>The kernels that run on any device.</summary>
    public static PagedKernels Portable<TCodec>(Accelerator accelerator)
        where TCodec : struct, IKvCodec =>
        new(
            accelerator.LoadKernel<PagedArguments>(PromptAttentionKernel.Run<TCodec>),
            accelerator.LoadKernel<PagedArguments>(DecodeAttentionKernel.Run<TCodec>));
}
