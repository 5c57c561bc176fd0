namespace Dray.Worker.Client;

/// <summary>Reads a picture that a row names by a relative path.</summary>
/// <exception cref="Inference.RequestRejectedException">It can't be had; the row that names it will fail.</exception>
internal delegate Task<ReadOnlyMemory<byte>> PictureSource(string path, CancellationToken cancellationToken);
