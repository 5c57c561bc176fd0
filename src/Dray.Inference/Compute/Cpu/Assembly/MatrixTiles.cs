using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Eight AMX tiles as kernels of 32 outputs use them: two of inputs, two of weights, and the four of their products' sums.
/// </summary>
/// <remarks>
/// <code>
///  tmm0..3   sums: tmm(2·i + half), 16 outputs of each row of tile i of inputs
///  tmm4, 5   inputs: up to 16 rows × 64 bytes each; the second may be missing
///  tmm6, 7   weights of 16 outputs each: 16 rows × 64 bytes
/// </code>
/// </remarks>
internal static class MatrixTiles
{
    /// <summary>The most rows of a tile.</summary>
    public const int MaxRows = 16;

    /// <summary>Bytes of a row, and inputs' bytes in a step.</summary>
    public const int RowBytes = 64;

    /// <summary>Rows of a tile of weights.</summary>
    public const int WeightRows = 16;

    /// <summary>Bytes from one of its rows to the next: 32 outputs' words.</summary>
    public const int WeightStride = WeightStrip.Width * sizeof(uint);

    /// <summary>Bytes of the tiles' configuration, which a kernel's scratch begins with; sums follow.</summary>
    public const int ConfigurationBytes = 64;

    /// <summary>Bytes of a tile.</summary>
    public const int TileBytes = MaxRows * RowBytes;

    /// <summary>Bytes of a kernel's scratch.</summary>
    public const int ScratchBytes = ConfigurationBytes + (4 * TileBytes);

    /// <summary>Rows that make unpacking, or fetching, a strip's weights once for them cheap: a few hundredths of the multiplications' time.</summary>
    public const int GroupRows = 256;

    private const int FirstRowSizes = 16;
    private const int FirstRowCounts = 48;

    /// <summary>The tile of sums of inputs <paramref name="index"/> and a half of the outputs.</summary>
    public static AssemblerRegisterTMM Sums(int index, int half) => ((2 * index) + half) switch { 0 => tmm0, 1 => tmm1, 2 => tmm2, _ => tmm3 };

    /// <summary>A tile of inputs.</summary>
    public static AssemblerRegisterTMM Inputs(int index) => index == 0 ? tmm4 : tmm5;

    /// <summary>The tile of a half of the outputs' weights.</summary>
    public static AssemblerRegisterTMM Weights(int half) => half == 0 ? tmm6 : tmm7;

    /// <summary>Configures the tiles by way of the scratch that <paramref name="scratch"/> points to. Changes rax and zmm0.</summary>
    /// <param name="code">The assembler.</param>
    /// <param name="scratch">The register that holds the scratch's address.</param>
    /// <param name="first">Rows of the first tile of inputs.</param>
    /// <param name="second">Rows of the second; 0 for none.</param>
    public static void Configure(Assembler code, AssemblerRegister64 scratch, int first, int second)
    {
        ReadOnlySpan<int> rows = [first, first, second, second, first, second, WeightRows, WeightRows];
        code.vpxord(zmm0, zmm0, zmm0);
        code.vmovups(__[scratch], zmm0);
        code.mov(__byte_ptr[scratch], 1);
        Span<ulong> sizes = stackalloc ulong[2];
        var counts = 0UL;
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i] > 0) sizes[i / 4] |= (ulong)RowBytes << (16 * (i % 4));
            counts |= (ulong)rows[i] << (8 * i);
        }

        for (var i = 0; i < sizes.Length; i++)
        {
            code.mov(rax, sizes[i]);
            code.mov(__qword_ptr[scratch + FirstRowSizes + (8 * i)], rax);
        }

        code.mov(rax, counts);
        code.mov(__qword_ptr[scratch + FirstRowCounts], rax);
        code.ldtilecfg(__[scratch]);
    }
}
