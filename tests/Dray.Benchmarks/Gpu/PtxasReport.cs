using System.Globalization;
using System.Text;
using Dray.Inference.Ilgpu;
using Dray.Tests.Ptx;

namespace Dray.Benchmarks.Gpu;

/// <summary>
/// Assembles every kernel and writes what becomes of it as Markdown. Needs a CUDA toolkit, but no GPU.
/// <c>Dray.Benchmarks ptxas [FILE.md]</c>.
/// </summary>
internal static class PtxasReport
{
    private const string DefaultFile = "tests/Dray.Benchmarks/Results/ptxas.md";

    /// <returns>The process's exit code.</returns>
    public static int Run(ReadOnlySpan<string> args)
    {
        var (toolkit, reason) = CudaToolkit.Find();
        if (toolkit is null)
        {
            Console.Error.WriteLine($"The report needs ptxas, but {reason}.");
            return 1;
        }

        var file = args.Length > 0 ? args[0] : DefaultFile;
        File.WriteAllText(file, Create(toolkit, KernelVariant.In(typeof(IlgpuBackend).Assembly)));
        Console.WriteLine(file);
        return 0;
    }

    /// <summary>The report's text.</summary>
    public static string Create(CudaToolkit toolkit, IReadOnlyList<KernelVariant> kernels)
    {
        var targets = PtxTarget.All.Where(target => toolkit.Architectures.Contains(target.Name)).ToList();
        var unknown = PtxTarget.All.Except(targets).Select(target => target.Name).ToList();
        var text = new StringBuilder();
        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Line($"# Machine code of the kernels");
        Line($"");
        Line($"ILGPU's PTX assembled by ptxas {toolkit.Release}{(unknown.Count == 0 ? "" : $", which doesn't know {string.Join(", ", unknown)}")}; nothing was run. Groups per multiprocessor is an estimate from");
        Line($"registers, shared memory with a size that the code fixes, and threads; a kernel without launch bounds is taken to be launched with {Occupancy.AssumedThreads} threads.");
        foreach (var target in targets)
        {
            Line($"");
            Line($"## {target.Name}");
            Line($"");
            Line($"| kernel | threads | registers | shared, bytes | local, bytes | spilled, bytes | instructions | HMMA | LDSM | LDGSTS | 128-bit loads, global | 128-bit loads, shared | generic accesses | groups per multiprocessor | warps |");
            Line($"| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
            foreach (var (kernel, code) in Assemble(toolkit, kernels, target))
            {
                var threads = kernel.Bounds.MaxNumThreadsPerGroup;
                var occupancy = Occupancy.Of(target.Name, code, threads ?? Occupancy.AssumedThreads);
                Line($"| `{kernel.Name}` | {(threads is { } bound ? $"{bound}" : "–")} | {code.Registers} | {code.SharedBytes} | {code.StackBytes} | {code.SpillBytes} | {Counts(code.Sass)} | {occupancy.Groups} | {occupancy.Share:P0} |");
            }
        }

        return text.ToString();
    }

    private static string Counts(SassFacts? sass) => sass is null
        ? "– | – | – | – | – | – | –"
        : string.Create(CultureInfo.InvariantCulture, $"{sass.Instructions} | {sass.Hmma} | {sass.MatrixLoads} | {sass.AsyncCopies} | {sass.GlobalLoads16} | {sass.SharedLoads16} | {sass.GenericAccesses}");

    private static IEnumerable<(KernelVariant Kernel, MachineCode Code)> Assemble(CudaToolkit toolkit, IReadOnlyList<KernelVariant> kernels, PtxTarget target)
    {
        using var compiler = new PtxCompiler(builder => IlgpuDevices.Configure(builder));
        var emitted = kernels.Select(kernel => (kernel, compiler.Compile(kernel, target))).ToList();
        return emitted.AsParallel().AsOrdered().Select(pair => (pair.kernel, toolkit.Assemble(pair.Item2, target.Name))).ToList();
    }
}
