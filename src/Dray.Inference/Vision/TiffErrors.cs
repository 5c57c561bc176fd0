using BitMiracle.LibTiff.Classic;

namespace Dray.Inference.Vision;

/// <summary>Takes what the library would otherwise write to the console. It goes on after many an error, as if the pixels were right.</summary>
internal sealed class TiffErrors : TiffErrorHandler
{
    /// <inheritdoc/>
    public override void ErrorHandler(Tiff tif, string method, string format, params object[] args)
    {
        // The other one knows the file.
    }

    /// <inheritdoc/>
    public override void ErrorHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args)
    {
        if (clientData is TiffSource source) source.IsDamaged = true;
    }

    /// <inheritdoc/>
    public override void WarningHandler(Tiff tif, string method, string format, params object[] args)
    {
        // Unknown fields, mostly.
    }

    /// <inheritdoc/>
    public override void WarningHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args)
    {
        // All that the LZW decoder has to say where its data end early.
        if (format.Contains("Not enough data", StringComparison.Ordinal)) ErrorHandlerExt(tif, clientData, method, format, args);
    }
}
