using System.Runtime.InteropServices;
using Dray.Inference.Compute;
using Microsoft.Win32.SafeHandles;

namespace Dray.Quantization.Tuning;

/// <summary>
/// What goes from block to block, [T, hidden] for each sample: in memory, or in a temporary file that is gone when it is closed. The file is
/// read and written, not mapped, so that a full disk is an error and not the end of the process.
/// </summary>
internal sealed class ActivationStore : IDisposable
{
    private readonly byte[][] _samples = [];
    private readonly byte[] _buffer = [];
    private readonly SafeFileHandle? _file;
    private readonly bool _isBrainFloat;
    private readonly int _tokens;

    /// <summary>Takes the memory, or creates the file.</summary>
    /// <param name="samples">Number of samples.</param>
    /// <param name="tokens">T, tokens of a sample.</param>
    /// <param name="hidden">Values of a token.</param>
    /// <param name="storesBrainFloats">Whether values are rounded to bfloat16.</param>
    /// <param name="folder">The temporary file's folder; null for memory.</param>
    /// <exception cref="IOException">The file can't be created.</exception>
    public ActivationStore(int samples, int tokens, int hidden, bool storesBrainFloats, string? folder)
    {
        (_tokens, _isBrainFloat) = (tokens, storesBrainFloats);
        var bytes = checked(tokens * hidden * (storesBrainFloats ? sizeof(ushort) : sizeof(float)));
        if (folder is null)
        {
            _samples = new byte[samples][];
            for (var i = 0; i < samples; i++) _samples[i] = new byte[bytes];
            return;
        }

        _buffer = new byte[bytes];
        Directory.CreateDirectory(folder);
        _file = File.OpenHandle(
            Path.Combine(folder, $"dray-activations-{Guid.NewGuid():N}.tmp"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
    }

    /// <summary>Reads samples to successive rows.</summary>
    /// <param name="samples">Their numbers.</param>
    /// <param name="target">[samples · T, hidden], contiguous.</param>
    /// <exception cref="IOException">The file can't be read.</exception>
    public void Read(ReadOnlySpan<int> samples, Tensor target)
    {
        for (var i = 0; i < samples.Length; i++)
        {
            var values = HostTensorBuffer.Span(target.SliceRows(i * _tokens, _tokens));
            Decode(_file is null ? _samples[samples[i]] : ReadFile(samples[i]), values);
        }
    }

    /// <summary>Writes samples from successive rows.</summary>
    /// <param name="samples">Their numbers.</param>
    /// <param name="source">[samples · T, hidden], contiguous.</param>
    /// <exception cref="IOException">The disk is full.</exception>
    public void Write(ReadOnlySpan<int> samples, Tensor source)
    {
        for (var i = 0; i < samples.Length; i++)
        {
            var values = HostTensorBuffer.Span(source.SliceRows(i * _tokens, _tokens));
            Encode(values, _file is null ? _samples[samples[i]] : _buffer);
            if (_file is not null) RandomAccess.Write(_file, _buffer, (long)samples[i] * _buffer.Length);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private byte[] ReadFile(int sample)
    {
        for (var done = 0; done < _buffer.Length;)
        {
            var count = RandomAccess.Read(_file!, _buffer.AsSpan(done), ((long)sample * _buffer.Length) + done);
            if (count == 0) throw new IOException($"The temporary file of activations ends within sample {sample}; something else has cut it.");
            done += count;
        }

        return _buffer;
    }

    private void Decode(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (!_isBrainFloat)
        {
            MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
            return;
        }

        var codes = MemoryMarshal.Cast<byte, ushort>(bytes);
        for (var i = 0; i < values.Length; i++) values[i] = BrainFloat.Decode(codes[i]);
    }

    private void Encode(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        if (!_isBrainFloat)
        {
            MemoryMarshal.AsBytes(values).CopyTo(bytes);
            return;
        }

        var codes = MemoryMarshal.Cast<byte, ushort>(bytes);
        for (var i = 0; i < values.Length; i++) codes[i] = BrainFloat.Encode(values[i]);
    }
}
