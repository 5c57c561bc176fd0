using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Tests.Compute;

namespace Dray.Inference.Tests;

public sealed class InferenceEngineMemoryTests
{
    [Fact]
    public void Load_DeviceIsFullBeforeAllWeightsAreThere_SaysWhatTheyNeed()
    {
        var backend = FullAfter(nameof(IComputeBackend.LoadMatrix), 5);

        var refusal = Should.Throw<EngineConfigurationException>(() => DemoEngine.Load(backend: backend));
        refusal.Message.ShouldStartWith("The weights need 19 MiB, which cpu-");
        refusal.Message.ShouldContain("with 64 MiB does not have free (The test's device is full)");
        refusal.InnerException.ShouldBeOfType<DeviceMemoryException>();
    }

    [Fact]
    public void Load_DeviceIsFullBeforeTheKvCacheIsThere_SaysWhatItNeeds()
    {
        var options = new EngineOptions { MaxModelLen = 1024, MaxNumSeqs = 2, MaxNumBatchedTokens = 256, KvCacheDtype = KvCacheDataType.BFloat16, GpuMemoryUtilization = 1 };
        var backend = FullAfter(nameof(IComputeBackend.AllocateKvCache), 0, 256);

        Should.Throw<EngineConfigurationException>(() => DemoEngine.Load(options, backend)).Message.ShouldStartWith("The KV cache of 2048 tokens needs ");
    }

    [Fact]
    public void Load_DeviceHasLess_RefusesByTheDevicesMemory()
    {
        var options = new EngineOptions { MaxModelLen = 4096 };

        Should.Throw<EngineConfigurationException>(() => DemoEngine.Load(options, FullAfter("", 0))).Message.ShouldContain("of the 64 MiB of cpu-");
    }

    private static InterceptedBackend FullAfter(string operation, int times, int mebibytes = 64)
    {
        var left = times;
        return new InterceptedBackend(new CpuBackend(), name =>
        {
            if (name == operation && left-- <= 0) throw new DeviceMemoryException("The test's device is full.");
        })
        {
            MemoryBytes = (long)mebibytes << 20,
        };
    }
}
