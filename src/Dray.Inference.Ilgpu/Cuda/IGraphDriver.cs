namespace Dray.Inference.Ilgpu.Cuda;

/// <summary>What replay needs of a stream: it can record what is launched on it, and run the record.</summary>
internal interface IGraphDriver
{
    /// <summary>From now on what is launched on the stream is recorded and not run.</summary>
    void BeginCapture();

    /// <summary>Ends the record, and makes it executable.</summary>
    /// <returns>A handle to launch and destroy it by.</returns>
    nint EndCapture();

    /// <summary>Ends the record and forgets it. Does not throw.</summary>
    void AbandonCapture();

    /// <summary>Runs a record, after what was launched on the stream before.</summary>
    void Launch(nint executable);

    /// <summary>Frees a record, when it has run to its end. Does not throw.</summary>
    void Destroy(nint executable);
}
