using Dray.Benchmarks.Gpu;
using Dray.Tests.Ptx;
using ILGPU;

namespace Dray.Inference.Ilgpu.Tests.Ptx;

public sealed class CudaToolkitTests
{
    [Fact]
    public void Assemble_OperandsByReference_LeavesNoLocalMemory()
    {
        var code = Assemble(nameof(ProbeKernels.TensorCores));
        (code.StackBytes, code.SpillBytes).ShouldBe((0, 0));
        if (code.Sass is { } sass) (sass.Hmma, sass.LocalAccesses).ShouldBe((1, 0));
    }

    [Fact]
    public void Assemble_OperandsByReferenceBesideGenericAddresses_StayInLocalMemory() =>
        Assemble(nameof(ProbeKernels.TensorCores), OptimizationLevel.O1).StackBytes.ShouldBeGreaterThan(0);

    [Fact]
    public void Assemble_SixteenByteStruct_IsLoadedAtOnce()
    {
        var code = Assemble($"{nameof(ProbeKernels.Copied)}<{nameof(ProbeKernels.Four)}>");
        code.Registers.ShouldBeInRange(4, 32);
        if (code.Sass is { } sass) sass.GlobalLoads16.ShouldBe(1);
    }

    [Fact]
    public void Assemble_LoopOfProducts_KeepsItsSumsInRegisters()
    {
        var code = Assemble(nameof(PeakKernels.TensorCores), type: typeof(PeakKernels));
        (code.StackBytes, code.SpillBytes).ShouldBe((0, 0));
        if (code.Sass is not { } sass) return;
        sass.Hmma.ShouldBeGreaterThanOrEqualTo(8);
        sass.LocalAccesses.ShouldBe(0);
    }

    [Fact]
    public void Assemble_SharedMemory_CountsItsBytes() => Assemble($"{nameof(ProbeKernels.Repeated)}(4)").SharedBytes.ShouldBe(1024);

    [Fact]
    public void Assemble_NoPtx_SaysWhatTheAssemblerSays() =>
        Should.Throw<InvalidOperationException>(() => RequiredToolkit.Get().Assemble("nonsense", "sm_80")).Message.ShouldContain("ptxas refuses");

    private static MachineCode Assemble(string name, OptimizationLevel optimization = OptimizationLevel.O2, Type? type = null)
    {
        var toolkit = RequiredToolkit.Get();
        using var compiler = new PtxCompiler(builder => builder.Optimize(optimization));
        var kernel = KernelVariant.In(typeof(ProbeKernels).Assembly).Single(kernel => kernel.Name == $"{(type ?? typeof(ProbeKernels)).Name}.{name}");
        return toolkit.Assemble(compiler.Compile(kernel, PtxTarget.All[0]), "sm_80");
    }
}
