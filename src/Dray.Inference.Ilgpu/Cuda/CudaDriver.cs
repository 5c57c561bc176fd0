using System.Runtime.InteropServices;

namespace Dray.Inference.Ilgpu.Cuda;

/// <summary>The functions of the CUDA driver that ILGPU has no imports for: stream capture and graphs (CUDA Driver API, "Graph Management").</summary>
internal static partial class CudaDriver
{
    /// <summary><c>CU_STREAM_CAPTURE_MODE_THREAD_LOCAL</c>: what other threads do, such as finalizers that free memory, does not end a capture.</summary>
    public const int ThreadLocalCapture = 1;

    private const string Library = "cuda";

    /// <summary><c>CUresult cuStreamBeginCapture_v2(CUstream hStream, CUstreamCaptureMode mode)</c>.</summary>
    [LibraryImport(Library, EntryPoint = "cuStreamBeginCapture_v2")]
    public static partial int StreamBeginCapture(nint stream, int mode);

    /// <summary><c>CUresult cuStreamEndCapture(CUstream hStream, CUgraph* phGraph)</c>.</summary>
    [LibraryImport(Library, EntryPoint = "cuStreamEndCapture")]
    public static partial int StreamEndCapture(nint stream, out nint graph);

    /// <summary><c>CUresult cuGraphInstantiateWithFlags(CUgraphExec* phGraphExec, CUgraph hGraph, unsigned long long flags)</c>, since CUDA 11.4.</summary>
    [LibraryImport(Library, EntryPoint = "cuGraphInstantiateWithFlags")]
    public static partial int GraphInstantiate(out nint executable, nint graph, ulong flags);

    /// <summary><c>CUresult cuGraphLaunch(CUgraphExec hGraphExec, CUstream hStream)</c>.</summary>
    [LibraryImport(Library, EntryPoint = "cuGraphLaunch")]
    public static partial int GraphLaunch(nint executable, nint stream);

    /// <summary><c>CUresult cuGraphExecDestroy(CUgraphExec hGraphExec)</c>; one that still runs is freed when it has ended.</summary>
    [LibraryImport(Library, EntryPoint = "cuGraphExecDestroy")]
    public static partial int GraphExecDestroy(nint executable);

    /// <summary><c>CUresult cuGraphDestroy(CUgraph hGraph)</c>.</summary>
    [LibraryImport(Library, EntryPoint = "cuGraphDestroy")]
    public static partial int GraphDestroy(nint graph);

    /// <summary><c>CUresult cuGetErrorString(CUresult error, const char** pStr)</c>; the text is the driver's own.</summary>
    [LibraryImport(Library, EntryPoint = "cuGetErrorString")]
    private static partial int GetErrorString(int error, out nint text);

    /// <summary>What the driver says of an error, such as <c>operation not permitted when stream is capturing (900)</c>.</summary>
    public static string Describe(int error) =>
        GetErrorString(error, out var text) == 0 && Marshal.PtrToStringUTF8(text) is { } words ? $"{words} ({error})" : $"error {error}";
}
