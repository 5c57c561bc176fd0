using Dray.Inference.Ilgpu.Cuda;

namespace Dray.Inference.Ilgpu.Tests.Cuda;

/// <summary>A stream that notes what happens on it: operations that run, and graphs of those that were captured.</summary>
internal sealed class RecordingGraphs : IGraphDriver
{
    private readonly Dictionary<nint, string[]> _graphs = [];
    private List<string>? _captured;
    private nint _last;

    /// <summary>Gets the operations that ran, those of graphs too.</summary>
    public List<string> Ran { get; } = [];

    /// <summary>Gets the graphs made, of which <see cref="Alive"/> are left.</summary>
    public int Made => (int)_last;

    public int Alive => _graphs.Count;

    public int Launches { get; private set; }

    public bool IsCapturing => _captured is not null;

    /// <summary>Gets or sets what the end of a capture throws.</summary>
    public Exception? Failure { get; set; }

    public void Operate(string operation) => (_captured ?? Ran).Add(operation);

    public void BeginCapture() => _captured = [];

    public nint EndCapture()
    {
        var captured = _captured!;
        _captured = null;
        if (Failure is not null) throw Failure;
        _graphs.Add(++_last, [.. captured]);
        return _last;
    }

    public void AbandonCapture() => _captured = null;

    public void Launch(nint executable)
    {
        Launches++;
        Ran.AddRange(_graphs[executable]);
    }

    public void Destroy(nint executable) => _graphs.Remove(executable).ShouldBeTrue();
}
