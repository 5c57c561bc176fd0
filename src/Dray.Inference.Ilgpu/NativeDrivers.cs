using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU;

namespace Dray.Inference.Ilgpu;

/// <summary>Lets ILGPU find drivers by the names that they have on machines without development packages, such as <c>libcuda.so.1</c>.</summary>
internal static class NativeDrivers
{
    private static readonly Lazy<bool> Prepared = new(() =>
    {
        Pocl.Prepare();
        NativeLibrary.SetDllImportResolver(typeof(Context).Assembly, Resolve);
        NativeLibrary.SetDllImportResolver(typeof(NativeDrivers).Assembly, Resolve);
        return true;
    });

    /// <summary>Must be called before the first use of ILGPU.</summary>
    public static void Prepare() => _ = Prepared.Value;

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? paths) =>
        FileOf(name) is { } file && NativeLibrary.TryLoad(file, out var handle) ? handle : 0;

    private static string? FileOf(string name) => name switch
    {
        "cuda" or "OpenCL" when OperatingSystem.IsLinux() => $"lib{name}.so.1",
        "cuda" when OperatingSystem.IsWindows() => "nvcuda",
        _ => null,
    };
}
