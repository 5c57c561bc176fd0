namespace Dray.Quantization.Evaluation;

/// <summary>What a benchmark of matrix products runs.</summary>
public sealed record KernelsOptions
{
    /// <summary>The most rows of a product.</summary>
    public const int MaxRows = 65_536;

    /// <summary>Gets the shape, one of <see cref="BenchmarkShapes.Names"/>. <value>The default value is 24b.</value></summary>
    public string Shape { get; init; } = "24b";

    /// <summary>Gets the numbers of rows (M). <value>The default value is 1, 4, 32, 512 and 8192 rows.</value></summary>
    public IReadOnlyList<int> Rows { get; init; } = [1, 4, 32, 512, 8192];

    /// <summary>
    /// Gets how many copies of a matrix take turns, so that caches hold what they would in a model of so many layers.
    /// <value>The default value is null: as many as take 256 MiB, at most the layers of the shape's model.</value>
    /// </summary>
    public int? Layers { get; init; }

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="ArgumentException">One is out of range; the message names it.</exception>
    public void Validate()
    {
        var shape = BenchmarkShapes.Of(Shape);
        if (Rows.Count == 0 || Rows.Any(rows => rows is < 1 or > MaxRows))
            throw new ArgumentException($"The rows are '{string.Join(',', Rows)}', but they must be numbers from 1 to {MaxRows}.");
        if (Layers < 1 || Layers > shape.Layers)
            throw new ArgumentException($"The number of layers of the shape {Shape} is {Layers}, but it must be from 1 to {shape.Layers}.");
    }
}
