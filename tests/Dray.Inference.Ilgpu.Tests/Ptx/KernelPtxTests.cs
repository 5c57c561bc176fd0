using Dray.Tests.Ptx;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Tests.Ptx;

/// <summary>The PTX of every kernel of the backend, found by the code that loads it.</summary>
public sealed class KernelPtxTests(EmittedKernels emitted) : IClassFixture<EmittedKernels>
{
    // ILGPU 1.5.3 names the lowest architecture that has all it knows of, whatever is asked for. The driver compiles for its device from there,
    // so what is new in sm_89 and later can't be used in inline PTX.
    private const string EmittedArchitecture = "sm_80";

    [Theory]
    [MemberData(nameof(EmittedKernels.Rows), MemberType = typeof(EmittedKernels))]
    public void Emit_EveryKernel_ShowsItsTraits(string name, string architecture)
    {
        var kernel = EmittedKernels.Kernel(name);
        var facts = PtxFacts.Of(emitted.Emit(name, architecture));
        facts.Version.ShouldBe(EmittedKernels.Target(architecture).InstructionSet.ToString());
        facts.Target.ShouldBe(EmittedArchitecture);
        facts.MaxThreads.ShouldBe(kernel.Bounds.MaxNumThreadsPerGroup ?? 0);
        facts.MinGroups.ShouldBe(kernel.Bounds.MinNumGroupsPerMultiprocessor ?? 0);
        facts.SharedBytes.ShouldBeLessThanOrEqualTo(48 << 10);
        if (kernel.Shows(KernelTraits.TensorCores)) facts.Mma.ShouldBeGreaterThan(0);
        if (kernel.Shows(KernelTraits.AsyncCopies)) facts.AsyncCopies.ShouldBeGreaterThan(0);
        if (kernel.Shows(KernelTraits.MatrixLoads)) facts.MatrixLoads.ShouldBeGreaterThan(0);
        if (kernel.Shows(KernelTraits.VectorLoads)) facts.Loads16.ShouldBeGreaterThan(0);
        if (!kernel.Shows(KernelTraits.Hot)) return;

        (facts.LocalBytes, facts.Calls, facts.Doubles).ShouldBe((0, 0, 0));

        // Scalars in local memory are operands of inline PTX. The assembler makes registers of them if no generic address can alias them, which
        // the tests of machine code see to where there is an assembler.
        if (facts.ScalarBytes > 0) facts.Generic.ShouldBe(0);
    }

    [Fact]
    public void Emit_EveryKernel_IsAsCommitted() =>
        PtxSnapshot.Check(EmittedKernels.Names.Select(name => (name, PtxFacts.Of(emitted.Emit(name, PtxTarget.All[0].Name)))));

    [Fact]
    public void Emit_OtherArchitectures_DiffersInItsVersionOnly()
    {
        var first = PtxTarget.All[0];
        foreach (var name in EmittedKernels.Names)
        {
            var facts = PtxFacts.Of(emitted.Emit(name, first.Name));
            foreach (var target in PtxTarget.All.Skip(1))
                (PtxFacts.Of(emitted.Emit(name, target.Name)) with { Version = facts.Version }).ShouldBe(facts, $"{name} for {target.Name}");
        }
    }

    [Fact]
    public void LaunchBounds_EveryKernel_AreThoseItIsMarkedWith() =>
        LaunchedKernels.Constructing(typeof(IlgpuBackend).Assembly, typeof(KernelSpecialization)).Select(method => $"{method.DeclaringType!.Name}.{method.Name}")
            .ShouldBe(["KernelAttribute.get_Bounds"], "Kernels are loaded with KernelAttribute.BoundsOf(kernel), so that the tests compile them with the same bounds.");
}
