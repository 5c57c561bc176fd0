using Dray.Inference.Compute;
using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>
/// An <see cref="AttentionLayout"/> in device memory: copied once per <see cref="AttentionLayout.Version"/>, into buffers that grow and
/// never shrink, so that a captured graph finds the next step's contents where it read those of the last. What attention is launched
/// with depends on the numbers of tokens and sequences alone.
/// </summary>
/// <remarks>
/// <code>
///  one buffer:  [slots][runs of 4 ints][decodes of 4 ints][block table]    each at a multiple of its capacity
///  run          first row, tokens, position of the first, first block      up to RunTokens tokens of one prompt
///  decode       row, position, first block, first partial                  a sequence with a single token
/// </code>
/// </remarks>
internal sealed class DeviceLayout(Accelerator accelerator) : IDisposable
{
    /// <summary>Ints of a run or decode.</summary>
    public const int Entry = 4;

    /// <summary>Tokens in a run: as many as a group of the tensor-core kernel takes when every query head has its own KV head.</summary>
    public const int RunTokens = 16;

    private MemoryBuffer1D<int, Stride1D.Dense>? _buffer;
    private PageLockedArray1D<int>? _staging;
    private AttentionLayout? _layout;
    private long _version = -1;
    private int _tokenCapacity;
    private int _sequenceCapacity;
    private int _blockCapacity;
    private bool _inFlight;

    /// <summary>Gets a number that changes when buffers move: launches captured before are then void.</summary>
    public int Generation { get; private set; }

    /// <summary>Gets the number of tokens (M).</summary>
    public int Tokens { get; private set; }

    /// <summary>Gets the number of runs.</summary>
    public int Runs { get; private set; }

    /// <summary>Gets the number of sequences with one token.</summary>
    public int Decodes { get; private set; }

    /// <summary>Gets the KV partitions that decodes have together.</summary>
    public long Partials { get; private set; }

    /// <summary>Gets each token's slot.</summary>
    public ArrayView<int> Slots => View(0, _tokenCapacity);

    /// <summary>Gets the runs.</summary>
    public ArrayView<int> RunEntries => View(_tokenCapacity, Entry * RunCapacity);

    /// <summary>Gets the decodes.</summary>
    public ArrayView<int> DecodeEntries => View(_tokenCapacity + (Entry * RunCapacity), Entry * _sequenceCapacity);

    /// <summary>Gets the block numbers.</summary>
    public ArrayView<int> BlockTable => View(_tokenCapacity + (Entry * (RunCapacity + _sequenceCapacity)), _blockCapacity);

    private int RunCapacity => (_tokenCapacity / RunTokens) + _sequenceCapacity;

    /// <summary>Makes room in advance.</summary>
    /// <param name="tokens">Tokens of a pass.</param>
    /// <param name="sequences">Sequences of a pass.</param>
    /// <param name="blocks">Blocks of a pass's sequences.</param>
    public void Reserve(int tokens, int sequences, int blocks)
    {
        if (_buffer is not null && tokens <= _tokenCapacity && sequences <= _sequenceCapacity && blocks <= _blockCapacity) return;
        _tokenCapacity = Grown(_tokenCapacity, tokens);
        _sequenceCapacity = Grown(_sequenceCapacity, sequences);
        _blockCapacity = Grown(_blockCapacity, blocks);
        var length = checked(_tokenCapacity + (Entry * (RunCapacity + _sequenceCapacity)) + _blockCapacity);
        Dispose();
        _buffer = accelerator.Allocate1D<int>(length);
        _staging = accelerator.AllocatePageLocked1D<int>(length);
        Generation++;
    }

    /// <summary>Copies <paramref name="layout"/> to the device, unless this version of it is there already.</summary>
    public void Upload(AcceleratorStream stream, AttentionLayout layout)
    {
        if (ReferenceEquals(layout, _layout) && _version == layout.Version && Tokens == layout.Tokens) return;

        // The staging memory may still be read by the copy before.
        if (_inFlight) stream.Synchronize();
        Reserve(layout.Tokens, layout.SequenceCount, layout.BlockCount);
        var staging = _staging!.Span;
        layout.Slots.CopyTo(staging);
        var runs = staging.Slice(_tokenCapacity, Entry * RunCapacity);
        var decodes = staging.Slice(_tokenCapacity + runs.Length, Entry * _sequenceCapacity);
        var tableAt = _tokenCapacity + runs.Length + decodes.Length;
        layout.BlockTable.CopyTo(staging[tableAt..]);
        (Runs, Decodes, Partials) = (0, 0, 0);
        foreach (var sequence in layout.Sequences)
        {
            if (sequence.Tokens == 1)
            {
                Put(decodes, Decodes++, sequence.FirstToken, sequence.ContextBefore, sequence.FirstBlock, checked((int)Partials));
                Partials += KvPartition.Of(sequence.ContextBefore + 1);
                continue;
            }

            // A prompt's last runs see the most keys: they are begun first.
            for (var first = (sequence.Tokens - 1) / RunTokens * RunTokens; first >= 0; first -= RunTokens)
            {
                var tokens = Math.Min(RunTokens, sequence.Tokens - first);
                Put(runs, Runs++, sequence.FirstToken + first, tokens, sequence.ContextBefore + first, sequence.FirstBlock);
            }
        }

        _buffer!.View.SubView(0, tableAt + layout.BlockCount).CopyFrom(stream, _staging.ArrayView.SubView(0, tableAt + layout.BlockCount));
        (_layout, _version, Tokens, _inFlight) = (layout, layout.Version, layout.Tokens, true);
    }

    public void Dispose()
    {
        _buffer?.Dispose();
        _staging?.Dispose();
        (_buffer, _staging, _layout) = (null, null, null);
    }

    private static void Put(Span<int> entries, int index, int a, int b, int c, int d)
    {
        var entry = entries.Slice(Entry * index, Entry);
        (entry[0], entry[1], entry[2], entry[3]) = (a, b, c, d);
    }

    private static int Grown(int capacity, int needed) => needed <= capacity ? capacity : checked((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(needed, 64)));

    private ArrayView<int> View(int first, int length) => _buffer!.View.AsContiguous().SubView(first, length);
}
