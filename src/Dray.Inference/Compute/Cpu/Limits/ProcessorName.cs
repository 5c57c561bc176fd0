using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace Dray.Inference.Compute.Cpu;

/// <summary>What the processor calls itself.</summary>
internal static class ProcessorName
{
    private const uint ExtendedLeaf = 0x80000000;
    private const uint FirstBrandLeaf = 0x80000002;
    private const uint LastBrandLeaf = 0x80000004;

    /// <summary>Gets brand, family and model by CPUID, such as <c>AMD EPYC (family 25 model 17)</c>; elsewhere the architecture.</summary>
    public static string Current { get; } = X86Base.IsSupported ? Identify() : RuntimeInformation.ProcessArchitecture.ToString();

    private static string Identify()
    {
        var (_, vendorFirst, vendorLast, vendorMiddle) = Leaf(0);
        var (signature, _, _, _) = Leaf(1);
        var family = (signature >> 8) & 15;
        var model = (signature >> 4) & 15;
        if (family is 6 or 15) model |= (signature >> 12) & 0xF0;
        if (family == 15) family += (signature >> 20) & 0xFF;
        var brand = Leaf(ExtendedLeaf).A >= LastBrandLeaf ? Brand() : "";
        return $"{(brand.Length > 0 ? brand : TextOf(vendorFirst, vendorMiddle, vendorLast))} (family {family} model {model})";
    }

    private static string Brand()
    {
        var text = new StringBuilder();
        for (var leaf = FirstBrandLeaf; leaf <= LastBrandLeaf; leaf++)
        {
            var (a, b, c, d) = Leaf(leaf);
            text.Append(TextOf(a, b, c, d));
        }

        return text.ToString().Trim();
    }

    private static (uint A, uint B, uint C, uint D) Leaf(uint leaf)
    {
        var (a, b, c, d) = X86Base.CpuId((int)leaf, 0);
        return ((uint)a, (uint)b, (uint)c, (uint)d);
    }

    private static string TextOf(params uint[] words) => Encoding.ASCII.GetString(MemoryMarshal.AsBytes<uint>(words)).TrimEnd('\0');
}
