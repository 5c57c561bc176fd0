using Dray.Inference.Compute;
using Microsoft.Extensions.Logging;

namespace Dray.Inference.Ilgpu.Cuda;

/// <summary>
/// <see cref="IComputeBackend.Run"/> by graphs. A decode pass runs as it is the first time that its size occurs, which loads kernels and grows
/// buffers; the second time it is captured, and from then on one launch stands for its hundreds. Not thread-safe.
/// </summary>
/// <remarks>
/// A graph holds addresses. The owner tells of each buffer that an operation uses (<see cref="Use"/>) and that it frees (<see cref="Freed"/>),
/// and hands a number to <see cref="Run"/> that changes when anything else moves. What a pass reads of the step, its layout above all, must
/// be in its place before.
/// </remarks>
internal sealed class CudaGraphReplay(IGraphDriver driver, ILogger logger) : IDisposable
{
    /// <summary>The largest pass that is captured, in tokens: beyond it launches take little of a pass's time.</summary>
    public const int MostTokens = 32;

    private readonly Dictionary<(Action Pass, int Tokens), nint> _graphs = [];
    private readonly HashSet<object> _used = [];
    private long _generation;
    private bool _isCapturing;
    private bool _isSpoilt;
    private bool _isOff;

    /// <summary>Runs a pass, or launches the graph of it.</summary>
    /// <param name="layout">The step's layout.</param>
    /// <param name="generation">Changes when a buffer moved that <see cref="Freed"/> isn't told of.</param>
    /// <param name="pass">The pass, the same delegate for the same operations.</param>
    public void Run(AttentionLayout layout, long generation, Action pass)
    {
        if (_isOff || !layout.IsDecode || layout.Tokens > MostTokens)
        {
            pass();
            return;
        }

        if (generation != _generation) Drop();
        _generation = generation;
        var key = (pass, layout.Tokens);
        if (!_graphs.TryGetValue(key, out var graph))
        {
            pass();
            _graphs[key] = 0;
            return;
        }

        if (graph == 0) _graphs[key] = graph = Capture(pass);
        if (graph == 0) pass();
        else driver.Launch(graph);
    }

    /// <summary>Notes that an operation uses a buffer; cheap while nothing is captured.</summary>
    public void Use(object buffer)
    {
        if (_isCapturing) _used.Add(buffer);
    }

    /// <summary>Notes that a buffer is about to be freed: graphs that may use it are dropped.</summary>
    public void Freed(object buffer)
    {
        if (!_used.Contains(buffer)) return;
        if (_isCapturing) _isSpoilt = true;
        else Drop();
    }

    /// <summary>Frees the graphs.</summary>
    public void Dispose() => Drop();

    /// <summary>The pass's graph, or 0 where there can't be one.</summary>
    private nint Capture(Action pass)
    {
        (_isCapturing, _isSpoilt) = (true, false);
        var hasBegun = false;
        try
        {
            driver.BeginCapture();
            hasBegun = true;
            pass();
            hasBegun = false;
            var graph = driver.EndCapture();
            if (!_isSpoilt) return graph;
            driver.Destroy(graph);
            return 0;
        }
        catch (Exception exception) when (exception is not DeviceLostException)
        {
            // What goes wrong with the pass itself goes wrong again when it runs as it is.
            if (hasBegun) driver.AbandonCapture();
            _isOff = true;
            logger.LogWarning(exception, "Passes can't be captured as graphs, so their operations are launched one by one, which is slower: {Reason}", exception.Message);
            return 0;
        }
        finally
        {
            _isCapturing = false;
        }
    }

    private void Drop()
    {
        foreach (var graph in _graphs.Values)
        {
            if (graph != 0) driver.Destroy(graph);
        }

        _graphs.Clear();
        _used.Clear();
    }
}
