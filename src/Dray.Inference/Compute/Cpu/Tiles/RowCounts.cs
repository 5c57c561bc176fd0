namespace Dray.Inference.Compute.Cpu;

/// <summary>The row counts of register tiles.</summary>
internal static class RowCounts
{
    /// <summary>The most rows of a tile on any instruction set.</summary>
    public const int Max = 12;

    internal readonly struct R1 : IRowCount
    {
        public static int Value => 1;
    }

    internal readonly struct R2 : IRowCount
    {
        public static int Value => 2;
    }

    internal readonly struct R3 : IRowCount
    {
        public static int Value => 3;
    }

    internal readonly struct R4 : IRowCount
    {
        public static int Value => 4;
    }

    internal readonly struct R5 : IRowCount
    {
        public static int Value => 5;
    }

    internal readonly struct R6 : IRowCount
    {
        public static int Value => 6;
    }

    internal readonly struct R7 : IRowCount
    {
        public static int Value => 7;
    }

    internal readonly struct R8 : IRowCount
    {
        public static int Value => 8;
    }

    internal readonly struct R9 : IRowCount
    {
        public static int Value => 9;
    }

    internal readonly struct R10 : IRowCount
    {
        public static int Value => 10;
    }

    internal readonly struct R11 : IRowCount
    {
        public static int Value => 11;
    }

    internal readonly struct R12 : IRowCount
    {
        public static int Value => 12;
    }
}
