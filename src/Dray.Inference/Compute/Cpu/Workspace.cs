namespace Dray.Inference.Compute.Cpu;

/// <summary>Memory that operations reuse from call to call: one block that threads share and one for each thread. Grows, never shrinks.</summary>
internal sealed unsafe class Workspace(int threads) : IDisposable
{
    private readonly NativeBlock?[] _own = new NativeBlock?[threads];
    private NativeBlock? _shared;

    /// <summary>At least <paramref name="count"/> floats for all threads; their content is undefined.</summary>
    public float* Shared(nint count) => (float*)(_shared = NativeBlock.Ensure(_shared, checked((nuint)count * sizeof(float)))).Pointer;

    /// <summary>At least <paramref name="count"/> floats for one thread, which calls this itself; their content is undefined.</summary>
    public float* Own(int thread, nint count) =>
        (float*)(_own[thread] = NativeBlock.Ensure(_own[thread], checked((nuint)count * sizeof(float)))).Pointer;

    public void Dispose()
    {
        _shared?.Dispose();
        foreach (var block in _own) block?.Dispose();
    }
}
