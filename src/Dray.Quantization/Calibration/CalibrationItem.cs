using Dray.Inference.Tokenization;

namespace Dray.Quantization.Calibration;

/// <summary>A record that was understood: a text or a conversation.</summary>
/// <param name="Text">The text, or null for a conversation.</param>
/// <param name="Chat">The conversation, its last reply included, or null for a text.</param>
internal readonly record struct CalibrationItem(string? Text, ChatRequest? Chat);
