namespace Dray.Quantization.Calibration;

/// <summary>A text or conversation as tokens.</summary>
/// <param name="Ids">The tokens between start and end token.</param>
/// <param name="Bos">Whether the start token belongs in front.</param>
/// <param name="Eos">Whether the end token belongs behind. A conversation has the end tokens of its replies among its ids.</param>
internal readonly record struct TokenizedItem(int[] Ids, bool Bos, bool Eos);
