namespace Dray.Inference.Compute.Cpu;

/// <summary>Memory that operations reuse from call to call: one block that threads share and one for each thread. Grows, never shrinks.</summary>
internal sealed unsafe class Workspace(int threads) : IDisposable
{
    private readonly NativeBlock?[] own = new NativeBlock?[threads];
    private NativeBlock? shared;

    /// <summary>At least <paramref name="count"/> floats for all threads; their content is undefined.</summary>
    public float* Shared(nint count) => (float*)(shared = NativeBlock.Ensure(shared, checked((nuint)count * sizeof(float)))).Pointer;

    /// <summary>At least <paramref name="count"/> floats for one thread, which calls this itself; their content is undefined.</summary>
    public float* Own(int thread, nint count) =>
        (float*)(own[thread] = NativeBlock.Ensure(own[thread], checked((nuint)count * sizeof(float)))).Pointer;

    public void Dispose()
    {
        shared?.Dispose();
        foreach (var block in own) block?.Dispose();
    }
}
