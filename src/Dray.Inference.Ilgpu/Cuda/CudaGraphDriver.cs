using ILGPU.Runtime.Cuda;

namespace Dray.Inference.Ilgpu.Cuda;

/// <summary>Graphs on one CUDA stream, which must not be the default stream: that one can't be captured.</summary>
internal sealed class CudaGraphDriver(CudaStream stream) : IGraphDriver
{
    /// <inheritdoc/>
    public void BeginCapture() =>
        Check(CudaDriver.StreamBeginCapture(Bound(), CudaDriver.ThreadLocalCapture), "A stream's capture could not begin");

    /// <inheritdoc/>
    public nint EndCapture()
    {
        Check(CudaDriver.StreamEndCapture(Bound(), out var graph), "A stream's capture could not end");
        var error = CudaDriver.GraphInstantiate(out var executable, graph, flags: 0);
        _ = CudaDriver.GraphDestroy(graph);
        Check(error, "A captured graph could not be made executable");
        return executable;
    }

    /// <inheritdoc/>
    public void AbandonCapture()
    {
        if (CudaDriver.StreamEndCapture(Bound(), out var graph) == 0 && graph != 0) _ = CudaDriver.GraphDestroy(graph);
    }

    /// <inheritdoc/>
    public void Launch(nint executable) => Check(CudaDriver.GraphLaunch(executable, Bound()), "A graph could not be launched");

    /// <inheritdoc/>
    public void Destroy(nint executable) => _ = CudaDriver.GraphExecDestroy(executable);

    private static void Check(int error, string failure)
    {
        if (error != 0) throw new CudaDriverException(error, $"{failure}: {CudaDriver.Describe(error)}.");
    }

    /// <summary>The stream, its context current on this thread.</summary>
    private nint Bound()
    {
        stream.Accelerator.Bind();
        return stream.StreamPtr;
    }
}
