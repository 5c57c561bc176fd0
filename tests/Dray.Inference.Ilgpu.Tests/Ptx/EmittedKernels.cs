using System.Collections.Concurrent;
using Dray.Tests.Ptx;

namespace Dray.Inference.Ilgpu.Tests.Ptx;

/// <summary>The backend's kernels and their PTX, emitted once for all tests that read it.</summary>
public sealed class EmittedKernels : IDisposable
{
    private static readonly IReadOnlyDictionary<string, KernelVariant> ByName =
        KernelVariant.In(typeof(IlgpuBackend).Assembly).ToDictionary(kernel => kernel.Name);

    private readonly PtxCompiler _compiler = new(builder => IlgpuDevices.Configure(builder));
    private readonly ConcurrentDictionary<(string Kernel, string Target), string> _emitted = [];
    private readonly Lock _gate = new();

    /// <summary>Gets the kernels' names.</summary>
    public static IEnumerable<string> Names => ByName.Keys.Order(StringComparer.Ordinal);

    /// <summary>Gets every kernel with every target.</summary>
    public static TheoryData<string, string> Rows
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (var name in Names)
            {
                foreach (var target in PtxTarget.All) rows.Add(name, target.Name);
            }

            return rows;
        }
    }

    internal static KernelVariant Kernel(string name) => ByName[name];

    internal static PtxTarget Target(string name) => PtxTarget.All.Single(target => target.Name == name);

    /// <summary>A kernel's PTX.</summary>
    public string Emit(string kernel, string target)
    {
        lock (_gate) return _emitted.GetOrAdd((kernel, target), _ => _compiler.Compile(Kernel(kernel), Target(target)));
    }

    public void Dispose() => _compiler.Dispose();
}
