using Dray.Tests.Ptx;
using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Tests.Ptx;

public sealed class PtxCompilerTests : IDisposable
{
    private static readonly IReadOnlyList<KernelVariant> Probes = KernelVariant.In(typeof(ProbeKernels).Assembly);

    private readonly PtxCompiler _compiler = new(builder => builder.Optimize(OptimizationLevel.O2));

    public void Dispose() => _compiler.Dispose();

    [Fact]
    public void In_AssemblyThatLoadsKernels_FindsThoseAndNoOtherDelegates() =>
        LaunchedKernels.In(typeof(ProbeKernels).Assembly).Where(method => method.DeclaringType == typeof(ProbeKernels)).Select(KernelVariant.NameOf)
            .ShouldBe(["ProbeKernels.Unmarked", "ProbeKernels.Repeated", "ProbeKernels.Copied<Four>"], ignoreOrder: true);

    [Fact]
    public void Constructing_AssemblyWithLaunchBounds_FindsWhoBuildsThem() =>
        LaunchedKernels.Constructing(typeof(KernelAttribute).Assembly, typeof(KernelSpecialization)).Select(method => method.Name)
            .ShouldBe(["get_Bounds"]);

    [Fact]
    public void BoundsOf_UnmarkedKernel_SaysHowToMarkIt() =>
        Should.Throw<ArgumentException>(() => KernelAttribute.BoundsOf(ProbeKernels.Unmarked)).Message.ShouldContain("mark it with [Kernel]");

    [Fact]
    public void Compile_SpecialisedValues_FoldsThemAndKeepsTheBounds()
    {
        var four = Facts($"{nameof(ProbeKernels)}.{nameof(ProbeKernels.Repeated)}(4)");
        var many = Facts($"{nameof(ProbeKernels)}.{nameof(ProbeKernels.Repeated)}(32)");
        (four.MaxThreads, four.MinGroups, four.SharedBytes, four.Barriers).ShouldBe((128, 2, 1024, 1));
        many.Instructions.ShouldBeGreaterThan(four.Instructions);
    }

    [Fact]
    public void Compile_SixteenByteStruct_LoadsAndStoresItAtOnce()
    {
        var facts = Facts($"{nameof(ProbeKernels)}.{nameof(ProbeKernels.Copied)}<{nameof(ProbeKernels.Four)}>");
        (facts.Loads16, facts.Stores16, facts.LocalBytes).ShouldBe((1, 1, 0));
    }

    [Fact]
    public void Compile_DoubleByAccident_IsSeen() => Facts($"{nameof(ProbeKernels)}.{nameof(ProbeKernels.Double)}").Doubles.ShouldBeGreaterThan(0);

    [Fact]
    public void Compile_OperandsByReference_GoThroughLocalMemory()
    {
        // ILGPU 1.5.3 keeps them in depots; whether any is left is up to ptxas.
        var facts = Facts($"{nameof(ProbeKernels)}.{nameof(ProbeKernels.TensorCores)}");
        facts.Mma.ShouldBe(1);
        (facts.ScalarBytes, facts.LocalBytes, facts.Generic).ShouldBe((14 * sizeof(int), 0, 0));
    }

    private PtxFacts Facts(string name) => PtxFacts.Of(_compiler.Compile(Probes.Single(kernel => kernel.Name == name), PtxTarget.All[0]));
}
