using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.Runtime.Cuda;

namespace Dray.Tests.Ptx;

/// <summary>Emits PTX for kernels on a machine without a GPU or CUDA. For one thread at a time.</summary>
/// <param name="configure">Sets up ILGPU's context as the backend under test does.</param>
internal sealed class PtxCompiler(Action<Context.Builder> configure) : IDisposable
{
    private readonly Context _context = Context.Create(configure);
    private readonly Dictionary<PtxTarget, PTXBackend> _backends = [];

    /// <summary>The text of a kernel's PTX module.</summary>
    public string Compile(KernelVariant kernel, PtxTarget target)
    {
        var backend = Backend(target);
        var entry = EntryPointDescription.FromExplicitlyGroupedKernel(kernel.Method);
        if (entry.Parameters.SpecializedParameters.Length != kernel.Values.Count)
        {
            throw new InvalidOperationException(
                $"{kernel.Name} has {entry.Parameters.SpecializedParameters.Length} specialised parameters, but is marked with {kernel.Values.Count} values.");
        }

        var compiled = kernel.Values.Count == 0 ? backend.Compile(entry, kernel.Bounds) : CompileSpecialised(backend, entry, kernel);
        return ((PTXCompiledKernel)compiled).PTXAssembly;
    }

    public void Dispose()
    {
        foreach (var backend in _backends.Values) backend.Dispose();
        _context.Dispose();
    }

    private PTXBackend Backend(PtxTarget target)
    {
        if (!_backends.TryGetValue(target, out var backend))
        {
            var capabilities = new CudaCapabilityContext(target.Architecture);
            _backends[target] = backend = new PTXBackend(_context, capabilities, target.Architecture, target.InstructionSet, nvvmAPI: null);
        }

        return backend;
    }

    // What ILGPU's loader does at the first launch with a set of values: a method around the kernel that calls it with constants.
    private static CompiledKernel CompileSpecialised(PTXBackend backend, EntryPointDescription entry, KernelVariant kernel)
    {
        using var context = backend.PreCompileKernelMethod(entry).ExtractToContext(out var inner);
        inner.AddFlags(MethodFlags.Inline);
        var outer = context.Declare(new MethodDeclaration("LauncherWrapper", context.VoidType), out _);
        using (var method = outer.CreateBuilder())
        {
            var block = method.EntryBlockBuilder;
            var call = block.CreateCall(outer.Location, inner);
            var specialised = entry.Parameters.SpecializedParameters;
            var next = 0;
            for (var i = 0; i < inner.NumParameters; i++)
            {
                var parameter = method.AddParameter(inner.Parameters[i].Type, inner.Parameters[i].Name);
                if (next < specialised.Length && specialised[next].Index == i - entry.KernelIndexParameterOffset)
                    call.Add(block.CreateObjectValue(outer.Location, kernel.Values[next++]));
                else
                    call.Add(parameter);
            }

            call.Seal();
            block.CreateReturn(outer.Location);
            method.Complete();
        }

        context.Optimize();
        return backend.Compile(outer, entry, kernel.Bounds);
    }
}
