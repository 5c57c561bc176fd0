using System.Globalization;
using Dray.Inference.Models;

namespace Dray.Cli.Terminal;

/// <summary>Puts into words how far loading has come and how long the rest will take, no more often than asked.</summary>
internal sealed class LoadTime(TimeProvider time, TimeSpan interval)
{
    private long _start = time.GetTimestamp();
    private TimeSpan _last;
    private bool _isLoaded;

    /// <summary>A sentence such as <c>Loading the model: 12 of 40 layers, 35 %, 00:00:09 left</c>, or null where the last one is too recent.</summary>
    public string? Describe(LoadProgress value)
    {
        // A command may load one model after another.
        if (_isLoaded) (_start, _last) = (time.GetTimestamp(), default);
        _isLoaded = value.Layers == value.TotalLayers;
        var elapsed = time.GetElapsedTime(_start);
        if (elapsed < _last + interval) return null;
        _last = elapsed;
        var text = string.Create(CultureInfo.InvariantCulture, $"Loading the model: {value.Layers} of {value.TotalLayers} layers");
        if (value.Bytes <= 0 || value.TotalBytes <= 0) return text;
        text += string.Create(CultureInfo.InvariantCulture, $", {100 * value.Bytes / value.TotalBytes} %");
        var left = elapsed * ((double)Math.Max(value.TotalBytes - value.Bytes, 0) / value.Bytes);
        return left < TimeSpan.FromSeconds(1) ? text : $"{text}, {left:hh\\:mm\\:ss} left";
    }
}
