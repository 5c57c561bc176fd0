using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Dray.Inference.Ilgpu.Tests.TensorCores;

/// <summary>Lays arrays out in the memory of a <see cref="PtxMachine"/>, 256-byte aligned, with room around them that must not change.</summary>
internal sealed class DeviceMemory
{
    private readonly List<(long Address, byte[] Bytes)> _arrays = [];
    private long _end = 4096;

    /// <summary>Places bytes; returns their address.</summary>
    public long Place(ReadOnlySpan<byte> bytes, int offset = 0)
    {
        var address = _end + offset;
        _arrays.Add((address, bytes.ToArray()));
        _end = (address + bytes.Length + 511) / 256 * 256;
        return address;
    }

    /// <summary>Makes the memory.</summary>
    public byte[] ToBytes()
    {
        var memory = new byte[_end];
        memory.AsSpan().Fill(0xEE);
        foreach (var (address, bytes) in _arrays) bytes.CopyTo(memory, address);
        return memory;
    }

    /// <summary>Kernel parameters: a struct of 64- and 32-bit fields, then a view.</summary>
    public static byte[] Parameters<T>(T call, int structBytes, long view, long viewLength)
        where T : unmanaged
    {
        var bytes = new byte[structBytes + 16];
        MemoryMarshal.Write(bytes, in call);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(structBytes), view);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(structBytes + 8), viewLength);
        return bytes;
    }
}
