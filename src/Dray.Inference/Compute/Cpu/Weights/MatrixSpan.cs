namespace Dray.Inference.Compute.Cpu;

/// <summary>Neighbouring parts of a matrix whose products are computed in one go.</summary>
/// <param name="FirstOutput">The matrix's output that is the span's first.</param>
/// <param name="Inputs">K.</param>
/// <param name="Parts">The parts.</param>
/// <param name="Form">How assembled tiles want the inputs; null where the generic kernels multiply.</param>
internal sealed record MatrixSpan(int FirstOutput, int Inputs, PackedPart[] Parts, InputForm? Form)
{
    /// <summary>Gets the number of outputs.</summary>
    public int Outputs { get; } = Parts.Sum(part => part.Outputs);

    /// <summary>Gets the number of strips.</summary>
    public int Strips { get; } = Parts.Sum(part => part.Strips);

    /// <summary>Divides a matrix.</summary>
    /// <param name="inputs">K.</param>
    /// <param name="parts">All parts.</param>
    /// <param name="operations">What will multiply.</param>
    public static MatrixSpan[] Divide(int inputs, PackedPart[] parts, CpuOperations operations)
    {
        var spans = new List<MatrixSpan>();
        var output = 0;
        for (var first = 0; first < parts.Length;)
        {
            var form = operations.FormFor(parts[first]);
            var end = first + 1;
            while (end < parts.Length && (form is null ? operations.FormFor(parts[end]) is null : form.Fits(parts[end]))) end++;
            spans.Add(new MatrixSpan(output, inputs, parts[first..end], form));
            output += spans[^1].Outputs;
            first = end;
        }

        return [.. spans];
    }
}
