using Dray.Inference.Compute;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>Causal attention of a step's queries over the paged KV cache, as <see cref="IComputeBackend.PagedAttention"/>.</summary>
/// <remarks>Grids depend on the layout's numbers of runs and decodes alone. Partial results of decodes lie in a buffer that grows.</remarks>
/// <param name="accelerator">The device.</param>
/// <param name="tensorCores">Whether to use tensor cores where heads and cache allow; they are emulated on ILGPU's CPU device with warps of 32.</param>
internal sealed class PagedAttention(Accelerator accelerator, bool tensorCores) : IDisposable
{
    /// <summary>Groups that keep a device busy: partitions are shared out until there are so many.</summary>
    private const int GroupsPerMultiprocessor = 8;

    /// <summary>Partitions of one decode that are worked on at the same time, at most.</summary>
    private const int MaxAtOnce = 64;

    private readonly int _threads = AttentionTile.ThreadsOn(accelerator);
    private readonly PagedKernels?[] _portable = new PagedKernels?[Enum.GetValues<KvCacheDataType>().Length];
    private readonly Action<AcceleratorStream, KernelConfig, MergeArguments> _merge = accelerator.LoadKernel<MergeArguments>(DecodeAttentionKernel.Merge);
    private PagedKernels? _warps;
    private (KvCacheDataType DataType, int HeadDim) _warpsFor;
    private MemoryBuffer1D<float, Stride1D.Dense> _partials = accelerator.Allocate1D<float>(1);
    private int _heads;
    private int _headDim;

    /// <summary>Tensor cores where the device has those that bf16 needs.</summary>
    public PagedAttention(Accelerator accelerator)
        : this(accelerator, accelerator is CudaAccelerator cuda && cuda.Architecture >= CudaArchitecture.SM_80)
    {
    }

    /// <summary>Gets a number that changes when a buffer moves: launches captured before are then void.</summary>
    public int Generation { get; private set; }

    /// <summary>Makes room for partial results in advance.</summary>
    /// <param name="partials">KV partitions of all decodes of a step together, see <see cref="KvPartition.Of"/>.</param>
    /// <param name="heads">Query heads.</param>
    /// <param name="headDim">Width of one.</param>
    public void Reserve(long partials, int heads, int headDim)
    {
        var needed = checked(partials * heads * DecodeAttentionKernel.PartialFloats(headDim));
        if (needed <= _partials.Length) return;
        _partials.Dispose();
        _partials = accelerator.Allocate1D<float>((long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)needed));
        Generation++;
    }

    /// <summary>Makes room for the partial results of a layout, for heads like those of the last launch: a replayed launch can't.</summary>
    public void Prepare(DeviceLayout layout)
    {
        if (_heads > 0) Reserve(layout.Partials, _heads, _headDim);
    }

    /// <summary>Launches.</summary>
    /// <param name="stream">Where.</param>
    /// <param name="q">[M, heads · headDim].</param>
    /// <param name="cache">The cache, which holds the step's own tokens already.</param>
    /// <param name="layer">Which layer of it.</param>
    /// <param name="layout">The step's layout, uploaded.</param>
    /// <param name="y">[M, heads · headDim]. Must not overlap q.</param>
    public void Run(AcceleratorStream stream, DeviceTensor q, DeviceKvCache cache, int layer, DeviceLayout layout, DeviceTensor y)
    {
        var geometry = cache.Geometry;
        var heads = q.Columns / geometry.HeadDim;
        Guard(cache.Shape.HeadDim);
        (_heads, _headDim) = (heads, geometry.HeadDim);
        Prepare(layout);
        var kernels = KernelsFor(cache.Shape);
        var arguments = new PagedArguments
        {
            Q = q, Y = y, Words = cache.Layer(layer), Blocks = layout.BlockTable, Entries = layout.RunEntries,
            Partials = _partials.View.AsContiguous(), Geometry = geometry, Heads = heads,
        };
        var group = new Index3D(kernels.Warps > 0 ? kernels.Warps * WarpProduct.Lanes : _threads, 1, 1);
        var warps = Math.Max(1, kernels.Warps);
        var shared = heads / geometry.KvHeads;
        var shares = geometry.KvHeads * ((shared + warps - 1) / warps);
        if (layout.Runs > 0) kernels.Prompt(stream, new KernelConfig(new Index3D(layout.Runs, shares, 1), group), arguments);
        if (layout.Decodes == 0) return;

        arguments.Entries = layout.DecodeEntries;
        var tiles = geometry.KvHeads * ((shared + TileRows.Count - 1) / TileRows.Count);
        kernels.Decode(stream, new KernelConfig(new Index3D(layout.Decodes, tiles, AtOnce(layout.Decodes * tiles * warps)), group), arguments);
        var merge = new MergeArguments { Y = y, Entries = arguments.Entries, Partials = arguments.Partials, Heads = heads, HeadDim = geometry.HeadDim };
        _merge(stream, new KernelConfig(new Index3D(layout.Decodes, heads, 1), new Index3D(_threads, 1, 1)), merge);
    }

    public void Dispose() => _partials.Dispose();

    internal static void Guard(int headDim)
    {
        if (headDim > AttentionTile.MaxHeadDim)
            throw new NotSupportedException($"Heads are {headDim} wide; attention on a device takes up to {AttentionTile.MaxHeadDim}. Use the CPU backend.");
    }

    private PagedKernels KernelsFor(KvCacheShape shape)
    {
        if (tensorCores && shape.DataType != KvCacheDataType.Float32)
        {
            if (_warpsFor != (shape.DataType, shape.HeadDim))
            {
                _warps = shape.DataType == KvCacheDataType.Fp8E4M3
                    ? PagedKernels.OnTensorCores<Fp8Fragments>(accelerator, shape.HeadDim)
                    : PagedKernels.OnTensorCores<BFloat16Fragments>(accelerator, shape.HeadDim);
                _warpsFor = (shape.DataType, shape.HeadDim);
            }

            if (_warps is not null) return _warps;
        }

        return _portable[(int)shape.DataType] ??= Load(shape.DataType);
    }

    private PagedKernels Load(KvCacheDataType dtype) => dtype switch
    {
        KvCacheDataType.Fp8E4M3 => PagedKernels.Portable<Fp8Codec>(accelerator),
        KvCacheDataType.BFloat16 => PagedKernels.Portable<BFloat16Codec>(accelerator),
        _ => PagedKernels.Portable<Float32Codec>(accelerator),
    };

    /// <summary>Groups that share one decode's partitions.</summary>
    private int AtOnce(int groups)
    {
        var wanted = Math.Max(1, accelerator.NumMultiprocessors) * GroupsPerMultiprocessor;
        return Math.Clamp((wanted + groups - 1) / groups, 1, MaxAtOnce);
    }
}
