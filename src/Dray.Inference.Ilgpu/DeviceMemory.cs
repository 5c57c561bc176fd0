using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu;

/// <summary>Gives back what a device holds.</summary>
internal static class DeviceMemory
{
    /// <summary>Frees a buffer, stream or device. A lost device has nothing to give back, and says so with an error that would hide the first one.</summary>
    public static void Free(IDisposable? resource)
    {
        try
        {
            resource?.Dispose();
        }
        catch (AcceleratorException)
        {
        }
    }
}
