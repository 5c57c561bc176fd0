using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ILGPU.Runtime.OpenCL;

namespace Dray.Inference.Ilgpu;

/// <summary>
/// What PoCL (OpenCL on the CPU) needs: it says that it has no generic address space, and its compiler rejects the keyword, but with one memory
/// for everything a generic pointer is a global one.
/// </summary>
internal static partial class Pocl
{
    private const string Platform = "Portable Computing Language";

    /// <summary>Sets the compiler option for this process; must come before the first kernel.</summary>
    public static void Prepare()
    {
        // Environment.SetEnvironmentVariable is not seen by native libraries.
        if (OperatingSystem.IsLinux()) SetEnvironment("POCL_EXTRA_BUILD_FLAGS", "-D__generic=__global", overwrite: 0);
    }

    /// <summary>Whether the device has a generic address space, PoCL's taken for one.</summary>
    public static bool Accept(CLDevice device)
    {
        if (device.PlatformName == Platform) SetGenericAddressSpace(device.Capabilities, true);
        return device.Capabilities.GenericAddressSpace;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_GenericAddressSpace")]
    private static extern void SetGenericAddressSpace(CLCapabilityContext capabilities, bool value);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
