using ILGPU;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>A number for each of <see cref="Count"/> query rows, in registers. Local arrays would lie in memory.</summary>
internal struct TileRows
{
    /// <summary>Rows.</summary>
    public const int Count = 16;

    public float R0;
    public float R1;
    public float R2;
    public float R3;
    public float R4;
    public float R5;
    public float R6;
    public float R7;
    public float R8;
    public float R9;
    public float R10;
    public float R11;
    public float R12;
    public float R13;
    public float R14;
    public float R15;

    /// <summary>The rows' numbers from <paramref name="at"/>.</summary>
    public static TileRows Load(ArrayView<float> source, int at)
    {
        TileRows sums;
        sums.R0 = source[at + 0];
        sums.R1 = source[at + 1];
        sums.R2 = source[at + 2];
        sums.R3 = source[at + 3];
        sums.R4 = source[at + 4];
        sums.R5 = source[at + 5];
        sums.R6 = source[at + 6];
        sums.R7 = source[at + 7];
        sums.R8 = source[at + 8];
        sums.R9 = source[at + 9];
        sums.R10 = source[at + 10];
        sums.R11 = source[at + 11];
        sums.R12 = source[at + 12];
        sums.R13 = source[at + 13];
        sums.R14 = source[at + 14];
        sums.R15 = source[at + 15];
        return sums;
    }

    /// <summary>Adds <paramref name="factor"/> times the rows' numbers from <paramref name="at"/>.</summary>
    public void Add(float factor, ArrayView<float> rows, int at)
    {
        R0 += factor * rows[at + 0];
        R1 += factor * rows[at + 1];
        R2 += factor * rows[at + 2];
        R3 += factor * rows[at + 3];
        R4 += factor * rows[at + 4];
        R5 += factor * rows[at + 5];
        R6 += factor * rows[at + 6];
        R7 += factor * rows[at + 7];
        R8 += factor * rows[at + 8];
        R9 += factor * rows[at + 9];
        R10 += factor * rows[at + 10];
        R11 += factor * rows[at + 11];
        R12 += factor * rows[at + 12];
        R13 += factor * rows[at + 13];
        R14 += factor * rows[at + 14];
        R15 += factor * rows[at + 15];
    }

    /// <summary>As <see cref="Add"/>, for the rows whose limit reaches <paramref name="position"/>; those of the others must be 0.</summary>
    public void AddVisible(float factor, ArrayView<float> rows, int at, ArrayView<int> limits, int position)
    {
        R0 += (position <= limits[0] ? factor : 0) * rows[at + 0];
        R1 += (position <= limits[1] ? factor : 0) * rows[at + 1];
        R2 += (position <= limits[2] ? factor : 0) * rows[at + 2];
        R3 += (position <= limits[3] ? factor : 0) * rows[at + 3];
        R4 += (position <= limits[4] ? factor : 0) * rows[at + 4];
        R5 += (position <= limits[5] ? factor : 0) * rows[at + 5];
        R6 += (position <= limits[6] ? factor : 0) * rows[at + 6];
        R7 += (position <= limits[7] ? factor : 0) * rows[at + 7];
        R8 += (position <= limits[8] ? factor : 0) * rows[at + 8];
        R9 += (position <= limits[9] ? factor : 0) * rows[at + 9];
        R10 += (position <= limits[10] ? factor : 0) * rows[at + 10];
        R11 += (position <= limits[11] ? factor : 0) * rows[at + 11];
        R12 += (position <= limits[12] ? factor : 0) * rows[at + 12];
        R13 += (position <= limits[13] ? factor : 0) * rows[at + 13];
        R14 += (position <= limits[14] ? factor : 0) * rows[at + 14];
        R15 += (position <= limits[15] ? factor : 0) * rows[at + 15];
    }

    /// <summary>Multiplies each row by its factor.</summary>
    public void Scale(ArrayView<float> factors)
    {
        R0 *= factors[0];
        R1 *= factors[1];
        R2 *= factors[2];
        R3 *= factors[3];
        R4 *= factors[4];
        R5 *= factors[5];
        R6 *= factors[6];
        R7 *= factors[7];
        R8 *= factors[8];
        R9 *= factors[9];
        R10 *= factors[10];
        R11 *= factors[11];
        R12 *= factors[12];
        R13 *= factors[13];
        R14 *= factors[14];
        R15 *= factors[15];
    }

    /// <summary>Stores the rows' numbers times <paramref name="factor"/>.</summary>
    public readonly void Store(ArrayView<float> target, int at, float factor)
    {
        target[at + 0] = R0 * factor;
        target[at + 1] = R1 * factor;
        target[at + 2] = R2 * factor;
        target[at + 3] = R3 * factor;
        target[at + 4] = R4 * factor;
        target[at + 5] = R5 * factor;
        target[at + 6] = R6 * factor;
        target[at + 7] = R7 * factor;
        target[at + 8] = R8 * factor;
        target[at + 9] = R9 * factor;
        target[at + 10] = R10 * factor;
        target[at + 11] = R11 * factor;
        target[at + 12] = R12 * factor;
        target[at + 13] = R13 * factor;
        target[at + 14] = R14 * factor;
        target[at + 15] = R15 * factor;
    }
}
