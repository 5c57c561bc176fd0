using System.Runtime.InteropServices;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>16 bytes, loaded at once where they are aligned.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct Word4(uint x, uint y, uint z, uint w)
{
    public readonly uint X = x;
    public readonly uint Y = y;
    public readonly uint Z = z;
    public readonly uint W = w;
}
